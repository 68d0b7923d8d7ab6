using System.Net;

namespace AuthServer.Tests.Support;

/// <summary>Carries the requests of a back end to its server. Counts them, and answers some itself.</summary>
public sealed class Backchannel(AuthServerApp app) : DelegatingHandler(app.Server.CreateHandler())
{
    public const string Keys = "/.well-known/jwks.json";
    public const string Feed = "/sessions/ended";

    private int count;

    /// <summary>Number of requests.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>The path that it answers itself; null for none.</summary>
    public string? Path { get; set; }

    /// <summary>Its answer; null for a network that is cut.</summary>
    public Func<HttpResponseMessage>? Answer { get; set; }

    /// <summary>Answers a path with a text.</summary>
    public static Func<HttpResponseMessage> Text(string text, HttpStatusCode status = HttpStatusCode.OK) =>
        () => new HttpResponseMessage(status) { Content = new StringContent(text) };

    /// <summary>Answers the feed with a stream.</summary>
    public static Func<HttpResponseMessage> Events(Stream events) => () => new HttpResponseMessage
    {
        Content = new StreamContent(events) { Headers = { ContentType = new("text/event-stream") } },
    };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref count);
        if (request.RequestUri!.AbsolutePath != Path)
        {
            return base.SendAsync(request, cancellationToken);
        }

        return Answer is null
            ? Task.FromException<HttpResponseMessage>(new HttpRequestException("The network is cut."))
            : Task.FromResult(Answer());
    }
}
