using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>
/// What holds however clients, tabs, retries, a thief, logouts, lost writes and time get mixed. Every case is a
/// <see cref="Scenario"/> of a few hundred steps, played by <see cref="World"/>; a failure prints the shortest one found.
/// </summary>
public sealed class RotationModelTests
{
    private const int Cases = 150;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Every_refresh_does_what_the_table_of_the_contract_says() =>
        InEveryScenario((scenario, use) =>
        {
            if (use.Before is { } session)
            {
                Assert.Equal(ContractTable.Answer(session, use.Token.Generation, use.At, scenario.Policy), use.Decision);
            }
        });

    [Fact]
    public void Token_never_has_two_different_successors() =>
        Always.Holds(Cases, Scenario.Any, scenario =>
        {
            var successors = new Dictionary<string, string>();
            foreach (var use in World.Play(scenario).Where(use => use.Successor is not null))
            {
                Assert.True(
                    successors.TryAdd(use.Sent, use.Successor!) || successors[use.Sent] == use.Successor,
                    $"{use} has another successor than before, {successors[use.Sent]}.");
            }
        });

    // Lost writes are the one exception: where the end itself is among what the store lost, the session is back and no server can
    // know better. WasBroughtBack is true then and WasOver false, until the session ends once more.
    [Fact]
    public void Session_whose_end_was_acknowledged_gives_no_token() =>
        InEveryScenario((_, use) => Assert.False(use.WasOver && use.Successor is not null, use.ToString()));

    [Fact]
    public void Client_that_keeps_to_its_newest_token_is_never_taken_for_a_thief() =>
        InEveryScenario((_, use) => Assert.False(
            use.ByInnocent && use.Decision is EndAsReused or Refuse(EndReason.Reused), use.ToString()));

    [Fact]
    public void Client_that_keeps_to_its_newest_token_gets_the_next_until_its_session_is_over() =>
        InEveryScenario((_, use) => Assert.True(
            !use.ByInnocent || use.WasOver || use.Before is null || use.Decision is Rotate or Repeat or Expire, use.ToString()));

    [Fact]
    public void Thief_with_an_old_token_outside_grace_always_ends_the_session() =>
        InEveryScenario((_, use) => Assert.True(
            !use.ByPlainThief || (use.Successor is null && use.After is not { EndReason: null }), use.ToString()));

    [Fact]
    public void Retry_writes_nothing() =>
        InEveryScenario((_, use) => Assert.True(use.Decision is not Repeat || use.Before == use.After, use.ToString()));

    [Fact]
    public void Scenarios_come_upon_everything_that_the_properties_are_about()
    {
        var uses = Scenario.Any.Generator.Sample(100, new Rnd(20), 100).SelectMany(World.Play).ToList();

        Assert.All<(string What, Func<Presentation, bool> IsSuch)>(
            [
                ("rotation", use => use.Decision is Rotate { Recovered: false }),
                ("recovery of an innocent", use => use.ByInnocent && use.Decision is Rotate { Recovered: true }),
                ("retry of an innocent", use => use.ByInnocent && use.Decision is Repeat),
                ("retry in the last millisecond", use => use.Decision is Repeat && use.Age == Grace),
                ("reuse a millisecond late", use => use.Decision is EndAsReused && use.Age == Grace + OneMillisecond),
                ("plain theft", use => use.ByPlainThief && use.Decision is EndAsReused),
                ("theft that the client shows", use => !use.ByInnocent && !use.ByPlainThief && use.Decision is EndAsReused),
                ("use after the end", use => use.WasOver),
                ("use of a session brought back", use => use.WasBroughtBack && use.Successor is not null),
                ("idle end", use => use.Decision is Expire),
                ("disabled user", use => use.Decision is EndAsDisabled),
                ("lost login", use => use.Before is null),
                ("last generation", use => use.Token.Generation == uint.MaxValue),
            ],
            kind => Assert.True(uses.Count(kind.IsSuch) >= 10, $"{kind.What}: {uses.Count(kind.IsSuch)} of {uses.Count}"));
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
