namespace AuthServer.Core;

/// <summary>The rules for when access keys are created, sign and are withdrawn.</summary>
/// <param name="Algorithm">The algorithm of the next key.</param>
/// <param name="RotateEvery">Time for which a key signs.</param>
/// <param name="PublishAhead">Time between the creation of a key and its first signature.</param>
/// <param name="AccessLifetime">The longest life of an access token.</param>
public sealed record AccessKeyPolicy(
    string Algorithm, TimeSpan RotateEvery, TimeSpan PublishAhead, TimeSpan AccessLifetime)
{
    /// <summary>The key that signs at a moment; null if there is none.</summary>
    /// <param name="keys">All keys in the order of their numbers.</param>
    /// <param name="now">
    /// The moment. By a clock that is behind that of the node which created the first key, that key signs all the same.
    /// </param>
    public static AccessKeyPeriod? Signing(IReadOnlyList<AccessKeyPeriod> keys, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        AccessKeyPeriod? published = null;
        for (var at = keys.Count - 1; at >= 0; at--)
        {
            switch (keys[at].StateAt(now))
            {
                case AccessKeyState.Signing:
                    return keys[at];
                case AccessKeyState.Published:
                    published = keys[at];
                    break;
            }
        }

        return published;
    }

    /// <summary>
    /// The moment from which the next key is to sign, if it is time to create one. Null if it is not, because the newest key
    /// has not signed for long enough.
    /// </summary>
    /// <param name="keys">All keys.</param>
    /// <param name="now">The moment.</param>
    public DateTimeOffset? NextDue(IReadOnlyCollection<AccessKeyPeriod> keys, DateTimeOffset now)
    {
        var newest = keys.Where(key => key.GoneAt is null).MaxBy(key => key.Number);
        if (newest is null)
        {
            return now;
        }

        var due = newest.SignsFrom + RotateEvery;
        return due - PublishAhead > now ? null : Later(due, now + PublishAhead);
    }

    /// <summary>
    /// True if the newest key is of another algorithm than the next one, so that a change of the setting is not yet carried out.
    /// </summary>
    public bool IsAlgorithmChanged(IReadOnlyCollection<AccessKeyPeriod> keys) =>
        keys.Where(key => key.GoneAt is null).MaxBy(key => key.Number) is { } newest && newest.Algorithm != Algorithm;

    /// <summary>
    /// Arranges keys after one was added or withdrawn: each signs until a later one does, and then verifies its last tokens.
    /// </summary>
    /// <param name="keys">All keys in the order of their numbers.</param>
    /// <param name="now">The moment. Keys that are gone by then stay as they are.</param>
    public IReadOnlyList<AccessKeyPeriod> Arrange(IReadOnlyList<AccessKeyPeriod> keys, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var arranged = keys.ToArray();
        DateTimeOffset? next = null;
        for (var at = keys.Count - 1; at >= 0; at--)
        {
            if (keys[at].StateAt(now) == AccessKeyState.Gone)
            {
                continue;
            }

            // A node whose clock is behind signs with it for longer, and one whose clock is ahead forgets it earlier.
            var goneAt = next + AccessLifetime + (2 * EndedSessionMemory.ClockTolerance);
            arranged[at] = keys[at] with { SignsUntil = next, GoneAt = goneAt };
            next = next < keys[at].SignsFrom ? next : keys[at].SignsFrom;
        }

        return arranged;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
