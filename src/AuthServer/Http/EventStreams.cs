using System.Net.Mime;
using System.Net.ServerSentEvents;

namespace AuthServer.Http;

/// <summary>Answers that are server-sent events.</summary>
internal static class EventStreams
{
    /// <summary>Sends events as they come. A request for the headers alone is answered at once.</summary>
    public static IResult Send(HttpContext http, IAsyncEnumerable<SseItem<string>> events)
    {
        // Some proxies collect an answer before they pass it on.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return HttpMethods.IsHead(http.Request.Method)
            ? TypedResults.Text("", MediaTypeNames.Text.EventStream)
            : TypedResults.ServerSentEvents(events);
    }
}
