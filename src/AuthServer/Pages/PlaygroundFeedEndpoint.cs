using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Pages;

/// <summary>The route by which the page for developers hears of the end of its session, as a back end does.</summary>
internal static class PlaygroundFeedEndpoint
{
    public static RouteHandlerBuilder MapPlaygroundFeed(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/playground/ended", Handle)
            .ExcludeFromDescription()
            .RequireRateLimiting(RateLimits.Sessions)
            .RequireAuthorization();

    private static IResult Handle(Caller caller, HttpContext http, PlaygroundFeedService feed, CancellationToken ct) =>
        feed.IsAvailable
            ? EventStreams.Send(http, feed.ListenAsync(caller.SessionId, ct))
            : AuthProblems.From(ErrorCode.Unavailable);
}
