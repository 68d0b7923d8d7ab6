using System.Diagnostics;

namespace AuthServer.Observability;

/// <summary>The parts of a request's time that a trace should show. They are null, and free, while nobody listens.</summary>
internal static class Spans
{
    public const string SourceName = "AuthServer";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A batch on its way to the disk. It belongs to many requests, and so is a trace of its own.</summary>
    public static Activity? StartBatch(int size) => Source.StartActivity("write batch")?.SetTag("authserver.writer.batch.size", size);

    /// <summary>A password being hashed.</summary>
    /// <param name="request">What waits for it, which is on another thread.</param>
    public static Activity? StartHash(ActivityContext request) =>
        Source.StartActivity("hash password", ActivityKind.Internal, request);
}
