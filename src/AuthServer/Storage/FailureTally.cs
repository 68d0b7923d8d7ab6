using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A bucket of failures.</summary>
/// <param name="Id">An id of <see cref="FailureKeys"/>.</param>
/// <param name="Fade">Time after which one failure less counts.</param>
internal sealed record FailureKey(Guid Id, TimeSpan Fade);

/// <summary>
/// Failures of one bucket that this node has seen and the database may not have: attempts that are not decided yet count as
/// failures. <see cref="FailureCounter"/> uses it under its lock.
/// </summary>
internal sealed class FailureTally(FailureKey key)
{
    private int inFlight;
    private int pending;
    private int writing;
    private int written;
    private int resets;
    private bool isResetPending;
    private bool isResetWriting;
    private DateTimeOffset lastAt;

    /// <summary>Number of requests that use it.</summary>
    public int Users { get; set; }

    /// <summary>True if it waits to be written.</summary>
    public bool IsQueued { get; set; }

    /// <summary>True if it has changes that are not written yet.</summary>
    public bool IsChanged => pending + writing > 0 || isResetPending || isResetWriting;

    /// <summary>True if nothing would be lost with it.</summary>
    public bool IsIdle => Users == 0 && !IsChanged;

    /// <summary>The state before a row is read, by which the changes are known that the row may lack.</summary>
    public (int Written, int Resets) Mark => (written, resets);

    /// <summary>
    /// The bucket: a row that was read after the mark, and what it may lack. For a moment a failure can count twice, but never
    /// not at all.
    /// </summary>
    public FailureBucket BucketOf(FailureBucket row, (int Written, int Resets) mark)
    {
        var isReset = isResetPending || isResetWriting || resets != mark.Resets;
        var unread = isResetPending ? 0 : writing + written - mark.Written;
        return (isReset ? default : row).Add(inFlight + pending + unread, lastAt, key.Fade);
    }

    /// <summary>Begins an attempt.</summary>
    public void Begin(DateTimeOffset now) => (inFlight, lastAt) = (inFlight + 1, now);

    /// <summary>Ends an attempt.</summary>
    public void End() => inFlight--;

    /// <summary>Adds a failure.</summary>
    public void Add(DateTimeOffset now) => (pending, lastAt) = (pending + 1, now);

    /// <summary>Empties the bucket. False if there is nothing to write, because it was empty.</summary>
    /// <param name="hadRow">True if the database has failures of it.</param>
    public bool TryReset(bool hadRow)
    {
        if (!hadRow && pending + writing == 0)
        {
            return false;
        }

        (pending, isResetPending, resets) = (0, true, resets + 1);
        return true;
    }

    /// <summary>Takes the change to write; null if there is none.</summary>
    public FailureChange? Take()
    {
        IsQueued = false;
        if (pending == 0 && !isResetPending)
        {
            return null;
        }

        (writing, pending, isResetWriting, isResetPending) = (pending, 0, isResetPending, false);
        return new FailureChange(key, isResetWriting, writing, lastAt);
    }

    /// <summary>Records that the change was written.</summary>
    public void Wrote() => (written, writing, isResetWriting) = (written + writing, 0, false);

    /// <summary>Takes back a change that could not be written.</summary>
    public void TakeBack()
    {
        pending += isResetPending ? 0 : writing;
        (writing, isResetPending, isResetWriting) = (0, isResetPending || isResetWriting, false);
    }

    /// <summary>Gives up what waits to be written.</summary>
    public void Drop() => (pending, isResetPending) = (0, false);
}
