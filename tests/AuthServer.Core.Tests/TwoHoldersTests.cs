namespace AuthServer.Core.Tests;

/// <summary>
/// Two parties hold tokens of one session: the owner, and a thief who copied one. The theft is found once the session has ended
/// as <see cref="EndReason.Reused"/>. From then on neither party gets a token. Every combination of a few uses is played.
/// </summary>
public sealed class TwoHoldersTests
{
    private const int Owner = 0;
    private const int Thief = 1;

    private static readonly SessionPolicy Policy = new();
    private static readonly TimeSpan Late = Policy.Grace + TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan[] Gaps = [TimeSpan.FromSeconds(1), Policy.Grace, Late];
    private static readonly int[] Holders = [Owner, Thief];

    // Whatever happened before: lost answers, retries, a copy of any age, uses in lockstep.
    [Fact]
    public void Two_active_holders_are_found_by_third_use_outside_of_grace() =>
        Assert.All(Copies(), start => EveryRun(start, uses: 4, withLostAnswers: true, run =>
        {
            IsFound(run.Use(Owner, Late).Use(Thief, Late).Use(Owner, Late));
            IsFound(run.Use(Thief, Late).Use(Owner, Late).Use(Thief, Late));
        }));

    // After a late retry the other holder has a skipped token. It survives only if it catches up within the grace, in lockstep.
    [Fact]
    public void Holder_of_skipped_token_is_found_unless_within_grace() =>
        Assert.All(Copies(), start => EveryRun(start, uses: 4, withLostAnswers: false, run =>
        {
            if (run is not { Decision: Skip, LastHolder: var ahead })
            {
                return;
            }

            var behind = 1 - ahead;
            IsInLockstep(run.Use(behind, Policy.Grace));
            IsFound(run.Use(behind, Late));
            IsFound(run.Use(ahead, TimeSpan.FromSeconds(1)).Use(behind, TimeSpan.FromSeconds(1)));
        }));

    // The one exception is lockstep: the thief uses the very token that the owner has traded. Either that use is within the grace
    // of the owner's rotation, or the owner's refresh is within the grace of that use. Both then get the same successor.
    [Fact]
    public void Old_token_beside_owner_is_found_at_next_refresh_of_owner() =>
        Assert.All(OldCopies(), start =>
        {
            var isTraded = start.Tokens[Thief] + 1 == start.Tokens[Owner];
            foreach (var gap in Gaps)
            {
                Assert.All(Gaps, pause =>
                {
                    var refresh = start.Use(Thief, gap).Use(Owner, pause);
                    Assert.Equal(isTraded && (gap < Late || pause < Late), !refresh.IsFound);
                });
            }
        });

    [Fact]
    public void Token_older_than_newest_presented_is_found_at_once() =>
        Assert.All(OldCopies().Where(start => start.Tokens[Thief] + 1 < start.Tokens[Owner]), start =>
            Assert.All(Gaps, gap => IsFound(start.Use(Thief, gap))));

    // The limit that the contract states: a use within the grace of every rotation is not distinguishable from a retry.
    [Fact]
    public void Thief_in_lockstep_within_grace_is_not_found()
    {
        var run = Run.Start(rotations: 3, copied: 3);
        for (var round = 0; round < 100; round++)
        {
            run = run.Use(Owner, TimeSpan.FromHours(1)).Use(Thief, Policy.Grace);
            IsInLockstep(run);
        }
    }

    private static void IsFound(Run run)
    {
        if (!run.IsFound)
        {
            Assert.Fail($"Not found:{run.Trace}");
        }
    }

    private static void IsInLockstep(Run run)
    {
        if (!run.InLockstep)
        {
            Assert.Fail($"Not in lockstep:{run.Trace}");
        }
    }

    /// <summary>The beginnings: an owner with a few rotations behind it, and a copy of any of its tokens.</summary>
    private static IEnumerable<Run> Copies() =>
        from rotations in Enumerable.Range(0, 4)
        from copied in Enumerable.Range(0, rotations + 1)
        select Run.Start(rotations, (uint)copied);

    private static IEnumerable<Run> OldCopies() => Copies().Where(start => start.Tokens[Thief] < start.Tokens[Owner]);

    /// <summary>Checks every run of up to a number of uses that is not found before.</summary>
    private static void EveryRun(Run run, int uses, bool withLostAnswers, Action<Run> check)
    {
        if (run.IsFound)
        {
            return;
        }

        check(run);
        if (uses == 0)
        {
            return;
        }

        foreach (var holder in Holders)
        {
            foreach (var gap in Gaps)
            {
                EveryRun(run.Use(holder, gap), uses - 1, withLostAnswers, check);
                if (withLostAnswers)
                {
                    EveryRun(run.Use(holder, gap, answered: false), uses - 1, withLostAnswers, check);
                }
            }
        }
    }

    /// <summary>The state after some uses. Both holders present the newest token that they got.</summary>
    private sealed record Run(SessionState Session, DateTimeOffset Now, uint[] Tokens)
    {
        /// <summary>The run up to the last use; null at the beginning.</summary>
        public Run? Before { get; private init; }

        public RotationDecision? Decision { get; private init; }

        public int LastHolder { get; private init; }

        public string Trace =>
            $"{Before?.Trace}\n{Now:T} {NameOf(LastHolder)}: {Decision}, {Session}, {string.Join('/', Tokens)}";

        public bool IsFound => Session.EndReason == EndReason.Reused;

        /// <summary>True if the session lives and both hold its newest token.</summary>
        public bool InLockstep =>
            Session.EndReason is null && Tokens[Owner] == Session.Generation && Tokens[Thief] == Session.Generation;

        public static Run Start(int rotations, uint copied)
        {
            var login = new SessionState { Generation = 0, CreatedAt = Some.Login, RotatedAt = Some.Login };
            var run = new Run(login, Some.Login, [0, 0]);
            for (var rotation = 0; rotation < rotations; rotation++)
            {
                run = run.Use(Owner, TimeSpan.FromSeconds(18));
            }

            return run with { Tokens = [run.Tokens[Owner], copied] };
        }

        public Run Use(int holder, TimeSpan gap, bool answered = true)
        {
            var at = Now + gap;
            var decision = Rotation.Decide(Session, Tokens[holder], at, Policy);
            uint[] tokens = [.. Tokens];
            tokens[holder] = answered && decision.Successor() is { } successor ? successor : tokens[holder];
            return new Run(Session.After(decision), at, tokens) { Before = this, Decision = decision, LastHolder = holder };
        }

        private static string NameOf(int holder) => holder == Owner ? "owner" : "thief";
    }
}
