namespace AuthServer.Storage;

/// <summary>
/// An attempt to prove an identity, which counts as a failure in its buckets until it is decided. Disposed of undecided, it
/// counts no more. Not safe to share.
/// </summary>
/// <param name="counter">The counter that began it.</param>
/// <param name="keys">Its buckets: the caller's own first, which a success empties.</param>
/// <param name="hadRow">True if the database has failures of the caller's own bucket.</param>
internal sealed class FailureAttempt(FailureCounter counter, IReadOnlyList<FailureKey> keys, bool hadRow) : IDisposable
{
    private bool isDecided;

    /// <summary>The buckets, the caller's own first.</summary>
    public IReadOnlyList<FailureKey> Keys => keys;

    /// <inheritdoc cref="FailureAttempt"/>
    public bool HadRow => hadRow;

    /// <summary>Counts a failure in each bucket.</summary>
    public void Fail() => Decide(AttemptResult.Failed);

    /// <summary>Empties the caller's own bucket.</summary>
    public void Succeed() => Decide(AttemptResult.Succeeded);

    public void Dispose() => Decide(AttemptResult.Undecided);

    private void Decide(AttemptResult result)
    {
        if (!isDecided)
        {
            isDecided = true;
            counter.End(this, result);
        }
    }
}

/// <summary>Result of an attempt.</summary>
internal enum AttemptResult
{
    /// <summary>No result.</summary>
    Undecided,

    /// <summary>A wrong proof.</summary>
    Failed,

    /// <summary>A right proof.</summary>
    Succeeded,
}
