namespace AuthServer.Core.Tests;

/// <summary>The rotation table of the contract, row by row, in plain milliseconds and wide integers.</summary>
internal static class ContractTable
{
    private const long LastGeneration = 4_294_967_295;

    /// <summary>The answer of the first row that applies.</summary>
    public static RotationDecision Answer(SessionState session, uint presented, DateTimeOffset at, SessionPolicy policy)
    {
        long p = presented;
        long c = session.Generation;
        var q = session.NewestPresented ?? c; // without q no older token is genuine
        var now = at.ToUnixTimeMilliseconds();
        var rotated = session.RotatedAt.ToUnixTimeMilliseconds();
        var idleEnd = rotated + (long)policy.IdleLifetime.TotalMilliseconds;
        var absoluteEnd = session.CreatedAt.ToUnixTimeMilliseconds() + (long)policy.AbsoluteLifetime.TotalMilliseconds;
        var grace = (long)policy.Grace.TotalMilliseconds;
        var takesLateRetries = policy.LateRetries && grace != 0;
        (bool Applies, RotationDecision Answer)[] rows =
        [
            (session.EndReason is not null, new Refuse(session.EndReason.GetValueOrDefault())),
            (now >= idleEnd, new Expire()),
            (now >= absoluteEnd, new Expire()),
            (p == LastGeneration, new Expire()), // it has no successor
            (session.UserDisabled, new EndAsDisabled()),
            (p == c, new Rotate(Next(p), presented, at, Recovered: false)),
            (p > c, new Rotate(Next(p), presented, at, Recovered: true)),
            (q <= p && p < c && grace != 0 && now <= rotated + grace, new Repeat(session.Generation)),
            (p == q && takesLateRetries && c == LastGeneration, new Expire()), // no generation is left
            (p == q && takesLateRetries, new Skip(Next(c), presented, at)),
            (p < c, new EndAsReused()),
        ];
        return rows.First(row => row.Applies).Answer;
    }

    private static uint Next(long generation) => (uint)((generation + 1) % (LastGeneration + 1));
}
