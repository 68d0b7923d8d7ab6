using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Health;

/// <summary>Body of a successful health check.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
internal sealed record Health(string Status);

/// <summary>Maps the liveness and the readiness check.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => AnswerOf("live"))
            .WithName("Live").WithSummary("The process runs.")
            .Produces<Health>()
            .WithMetadata(new NeedsNoDatabase());
        health.MapGet("/ready", GetReadyAsync)
            .WithName("Ready").WithSummary("The server can do its work: the database answers.")
            .Produces<Health>();
    }

    private static async Task<IResult> GetReadyAsync(ReadinessCheck database, CancellationToken ct) =>
        await database.PassesAsync(ct) ? AnswerOf("ready") : AuthProblems.From(ErrorCode.Unavailable);

    private static JsonResult<Health> AnswerOf(string status) => new(new Health(status), HealthJson.Default.Health);
}
