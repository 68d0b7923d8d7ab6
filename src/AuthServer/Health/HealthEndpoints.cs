using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Health;

/// <summary>Body of a successful health check.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c> or <c>traffic</c>.</param>
internal sealed record Health(string Status);

/// <summary>Maps the checks of liveness, of readiness and for balancers.</summary>
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
            .WithName("Ready").WithSummary("The server can do all its work, a write included.")
            .Produces<Health>();
        health.MapGet("/traffic", GetTrafficAsync)
            .WithName("Traffic")
            .WithSummary("For balancers: nothing is wrong with this node itself, whether or not the database answers.")
            .Produces<Health>();
    }

    private static async Task<IResult> GetReadyAsync(ReadinessCheck check, CancellationToken ct) =>
        await check.PassesAsync(ct) ? AnswerOf("ready") : AuthProblems.From(ErrorCode.Unavailable);

    private static async Task<IResult> GetTrafficAsync(ReadinessCheck check, CancellationToken ct) =>
        await check.TakesTrafficAsync(ct) ? AnswerOf("traffic") : AuthProblems.From(ErrorCode.Unavailable);

    private static JsonResult<Health> AnswerOf(string status) => new(new Health(status), HealthJson.Default.Health);
}
