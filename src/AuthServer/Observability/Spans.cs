using System.Diagnostics;

namespace AuthServer.Observability;

/// <summary>Activities of the parts of a request that take time. They are null, and free, while no trace is recorded.</summary>
internal static class Spans
{
    public const string SourceName = "AuthServer";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the activity of a batch. It serves many requests, and so is a trace of its own.</summary>
    public static Activity? StartBatch(int size) =>
        Source.StartActivity("write batch")?.SetTag("authserver.writer.batch.size", size);

    /// <summary>Starts the activity of hashing a password.</summary>
    /// <param name="request">Activity of the request that waits for the hash, on another thread.</param>
    public static Activity? StartHash(ActivityContext request) =>
        Source.StartActivity("hash password", ActivityKind.Internal, request);
}
