using System.Net.Mime;
using AuthServer.Core;
using AuthServer.Http;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Tokens;

/// <summary>A form with one token. Sources: RFC 7662 §2.1, RFC 7009 §2.1.</summary>
/// <param name="Token">An access token or a refresh token.</param>
internal sealed record TokenForm(string Token);

/// <summary>Routes for back ends: questions about tokens, and the feed of ended sessions.</summary>
internal static class ResourceServerEndpoints
{
    private const string FormType = "application/x-www-form-urlencoded";

    public static void MapResourceServers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Back ends");
        group.MapPost(MetadataService.IntrospectionPath, IntrospectAsync)
            .WithName("Introspect").WithSummary("Says whether a token is active, as of now. For back ends with a secret.")
            .Accepts<TokenForm>(FormType)
            .Produces<Introspection>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.InvalidCredentials, ErrorCode.UnsupportedMediaType)
            .WithCredentials(ApiReference.Basic);
        group.MapPost(MetadataService.RevocationPath, RevokeAsync)
            .WithName("Revoke").WithSummary("Ends the session of a token. Having the token is enough.")
            .Accepts<TokenForm>(FormType)
            .Produces(StatusCodes.Status200OK)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.UnsupportedMediaType)
            .RequireRateLimiting(RateLimits.Sessions);
        group.MapGet("/sessions/ended", FeedAsync)
            .WithName("EndedSessions").WithSummary("The sessions that end, as server-sent events. For back ends with a secret.")
            .Produces<string>(contentType: MediaTypeNames.Text.EventStream)
            .WithProblems(ErrorCode.InvalidCredentials)
            .WithCredentials(ApiReference.Basic);
    }

    private static async Task<IResult> IntrospectAsync(
        HttpContext http, ResourceServerService servers, IntrospectionService tokens, CancellationToken ct)
    {
        if (await GenuineAsync(http.Request, servers) is null)
        {
            return AuthProblems.From(ErrorCode.InvalidCredentials);
        }

        var token = await TokenOfAsync(http.Request, ct);
        return token.Refusal is { } refusal
            ? AuthProblems.From(refusal)
            : TypedResults.Ok(await tokens.IntrospectAsync(token.Value, ct));
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, IntrospectionService tokens, CancellationToken ct)
    {
        var token = await TokenOfAsync(http.Request, ct);
        if (token.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        await tokens.RevokeAsync(token.Value, http.ClientInfo());
        return TypedResults.Ok();
    }

    private static async Task<IResult> FeedAsync(
        HttpContext http,
        ResourceServerService servers,
        SessionFeedService feed,
        ConnectionLimit connections,
        CancellationToken ct)
    {
        if (await GenuineAsync(http.Request, servers) is not { } sent)
        {
            return AuthProblems.From(ErrorCode.InvalidCredentials);
        }

        // Whatever one back end does, clients find connections.
        if (!feed.HearsAllEnds || feed.Count >= connections.Max / 2)
        {
            return AuthProblems.From(ErrorCode.Unavailable);
        }

        return EventStreams.Send(http, feed.ListenAsync(() => servers.IsKnown(sent.Username, sent.Password), ct));
    }

    // The credentials of a request; null if they are not those of a back end.
    private static async ValueTask<BasicCredentials?> GenuineAsync(HttpRequest request, ResourceServerService servers) =>
        BasicCredentials.Of(request) is { Refusal: null, Value: { } sent }
        && await servers.IsGenuineAsync(sent.Username, sent.Password) ? sent : null;

    private static async Task<Outcome<string>> TokenOfAsync(HttpRequest request, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase))
        {
            return ErrorCode.UnsupportedMediaType;
        }

        try
        {
            var form = await request.ReadFormAsync(ct);
            return form.TryGetValue("token", out var tokens) && tokens is [{ Length: > 0 } token]
                ? token
                : Refusal.OfField("token", "Must be given once.");
        }
        catch (InvalidDataException)
        {
            return new Refusal(ErrorCode.InvalidRequest);
        }
    }
}
