using System.Diagnostics;

namespace AuthServer.Storage;

/// <summary>
/// Pauses between the batches of work on many rows, so that requests get most of the database. Deliberately not
/// <c>TimeProvider</c>: what counts is the time that the batch has kept the database busy.
/// </summary>
internal static class BatchPause
{
    /// <summary>Waits in proportion to the time since the beginning of a batch.</summary>
    /// <param name="begun">The beginning, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="times">The pause, in times of the batch.</param>
    /// <param name="ct">Ends the wait by an exception.</param>
    public static Task AfterAsync(long begun, double times, CancellationToken ct) =>
        Task.Delay(Stopwatch.GetElapsedTime(begun) * times, ct);
}
