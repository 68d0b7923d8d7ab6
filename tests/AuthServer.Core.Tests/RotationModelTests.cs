using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>
/// Properties that hold however clients, tabs, retries, a thief, logouts, lost writes and time are mixed. Every case is a
/// <see cref="Scenario"/> of a few hundred steps, played by <see cref="World"/>. A failure prints the shortest one found.
/// </summary>
public sealed class RotationModelTests
{
    private const int Cases = 150;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Every_refresh_is_decided_by_contract_table() =>
        InEveryScenario((scenario, use) =>
        {
            if (use.Before is { } session)
            {
                Assert.Equal(ContractTable.Answer(session, use.Token.Generation, use.At, scenario.Policy), use.Decision);
            }
        });

    [Fact]
    public void Newest_presented_stays_behind_generation() =>
        InEveryScenario((_, use) => Assert.False(
            use.After is { } after && after.NewestPresented >= after.Generation, use.ToString()));

    // A store that has lost writes no longer knows of a late retry, so lost writes change a successor too.
    [Fact]
    public void Token_keeps_its_successor_until_late_retry_of_its_session() =>
        Always.Holds(Cases, Scenario.Any, scenario =>
        {
            var lateRetries = new Dictionary<Guid, int>();
            var successors = new Dictionary<(string Sent, int Losses, int LateRetries), string>();
            foreach (var use in World.Play(scenario).Where(use => use.Successor is not null))
            {
                var session = use.Token.SessionId;
                lateRetries[session] = lateRetries.GetValueOrDefault(session) + (use.Decision is Skip ? 1 : 0);
                var since = (use.Sent, use.Losses, lateRetries[session]);
                Assert.True(
                    successors.TryAdd(since, use.Successor!) || successors[since] == use.Successor,
                    $"{use} has another successor than before, {successors[since]}.");
            }
        });

    // Lost writes are the one exception: if the store has lost the end itself, the session is back and no server can know better.
    // WasBroughtBack is true then and WasOver false, until the session ends once more.
    [Fact]
    public void Session_with_acknowledged_end_gives_no_token() =>
        InEveryScenario((_, use) => Assert.False(use.WasOver && use.Successor is not null, use.ToString()));

    [Fact]
    public void Client_with_its_newest_token_is_never_taken_for_thief() =>
        InEveryScenario((_, use) => Assert.False(
            use.ByInnocent && use.Decision is EndAsReused or Refuse(EndReason.Reused), use.ToString()));

    [Fact]
    public void Client_with_its_newest_token_gets_next_one_until_session_ends() =>
        InEveryScenario((_, use) => Assert.True(
            !use.ByInnocent || use.WasOver || use.Before is null || use.Decision is Advance or Repeat or Expire,
            use.ToString()));

    [Fact]
    public void Thief_with_token_older_than_newest_presented_ends_session() =>
        InEveryScenario((_, use) => Assert.True(
            !use.ByPlainThief || (use.Successor is null && use.After is not { EndReason: null }), use.ToString()));

    [Fact]
    public void Retry_within_grace_writes_nothing() =>
        InEveryScenario((_, use) => Assert.True(use.Decision is not Repeat || use.Before == use.After, use.ToString()));

    [Fact]
    public void Scenarios_contain_every_case_of_properties()
    {
        var uses = Scenario.Any.Generator.Sample(Cases, new Rnd(20), 100).SelectMany(World.Play).ToList();

        Assert.All<(string Name, Func<Presentation, bool> Applies)>(
            [
                ("rotation", use => use.Decision is Rotate { Recovered: false }),
                ("recovery of an innocent client", use => use.ByInnocent && use.Decision is Rotate { Recovered: true }),
                ("retry of an innocent client", use => use.ByInnocent && use.Decision is Repeat),
                ("retry in the last millisecond", use => use.Decision is Repeat && use.Age == Grace),
                ("late retry of an innocent client", use => use.ByInnocent && use.Decision is Skip),
                ("late retry a millisecond after the grace", use => use.Decision is Skip && use.Age == Grace + OneMillisecond),
                ("reuse a millisecond after the grace", use => use.Decision is EndAsReused && use.Age == Grace + OneMillisecond),
                ("repeat of a skipped successor", use => use.IsOfSkipped && use.Decision is Repeat),
                ("reuse of a skipped successor", use => use.IsOfSkipped && use.Decision is EndAsReused),
                ("plain theft", use => use.ByPlainThief && use.Decision is EndAsReused),
                ("theft found by the client", use => !use.ByInnocent && !use.ByPlainThief && use.Decision is EndAsReused),
                ("use after the end", use => use.WasOver),
                ("use of a session that was brought back", use => use.WasBroughtBack && use.Successor is not null),
                ("idle end", use => use.Decision is Expire),
                ("disabled user", use => use.Decision is EndAsDisabled),
                ("lost login", use => use.Before is null),
                ("last generation", use => use.Token.Generation == uint.MaxValue),
            ],
            kind => Assert.True(uses.Count(kind.Applies) >= 10, $"{kind.Name}: {uses.Count(kind.Applies)} of {uses.Count}"));
    }

    private static void InEveryScenario(Action<Scenario, Presentation> holds) =>
        Always.Holds(Cases, Scenario.Any, scenario =>
        {
            foreach (var use in World.Play(scenario))
            {
                holds(scenario, use);
            }
        });
}
