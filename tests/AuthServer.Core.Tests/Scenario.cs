using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>One thing that happens to the clients, their thief, the store or the clock.</summary>
internal abstract record Step;

/// <summary>A client refreshes with its newest token; logs in where it has none.</summary>
internal sealed record Use(int Client) : Step;

/// <summary>The same, but the answer is lost on its way: the client still has the token it sent.</summary>
internal sealed record UseUnheard(int Client) : Step;

/// <summary>A second tab of the client comes late, yet within grace, with the token of the last refresh.</summary>
internal sealed record UseAgain(int Client) : Step;

/// <summary>The thief copies the client's newest token.</summary>
internal sealed record Steal(int Client) : Step;

/// <summary>The thief uses one of the tokens that he copied from this client or got for them.</summary>
internal sealed record Attack(int Client, int Loot) : Step;

/// <summary>The client's session is ended, and whoever asked for it is told that it is.</summary>
internal sealed record End(int Client, EndReason Reason) : Step;

/// <summary>The client's account is disabled; its session stays as it is until somebody uses it.</summary>
internal sealed record Disable(int Client) : Step;

/// <summary>The store goes back by so many commits, as after a failover to a node that had not got them.</summary>
internal sealed record LoseWrites(int Commits) : Step;

/// <summary>Time passes.</summary>
internal sealed record Pass(int Milliseconds) : Step;

/// <summary>What happens to a few clients of one server, in order. Its text is a trace to read.</summary>
internal sealed record Scenario(SessionPolicy Policy, uint FirstGeneration, IReadOnlyList<Step> Steps)
{
    public const int Clients = 3;

    private const int Grace = 30_000;
    private const int Idle = 600_000;

    /// <summary>Scenarios of a few hundred steps, which shrink by leaving out more and more of them.</summary>
    public static Arbitrary<Scenario> Any { get; } = Arb.From(
        from grace in Gen.Frequency((4, Gen.Constant(Grace)), (1, Gen.Constant(0)))
        from first in Gen.Frequency((4, Gen.Constant(0u)), (1, Gen.Constant(uint.MaxValue - 5)))
        from count in Gen.Choose(100, 400)
        from steps in AnyStep.ArrayOf(count)
        select new Scenario(WithGrace(grace), first, steps),
        Shrink);

    private static Gen<Step> AnyStep
    {
        get
        {
            var client = Gen.Choose(0, Clients - 1);
            return Gen.Frequency(
                (30, client.Select(c => (Step)new Use(c))),
                (8, client.Select(c => (Step)new UseUnheard(c))),
                (8, client.Select(c => (Step)new UseAgain(c))),
                (3, client.Select(c => (Step)new Steal(c))),
                (6, client.Zip(Gen.Choose(0, 9), (c, loot) => (Step)new Attack(c, loot))),
                (1, client.Zip(Gen.Elements(EndReason.Logout, EndReason.Revoked), (c, reason) => (Step)new End(c, reason))),
                (1, client.Select(c => (Step)new Disable(c))),
                (3, Gen.Choose(1, 8).Select(commits => (Step)new LoseWrites(commits))),
                (30, AnyTime.Select(time => (Step)new Pass(time))));
        }
    }

    // Mostly so little that refreshes meet; often the edges of grace, now and then those of the idle life.
    private static Gen<int> AnyTime => Gen.Frequency(
        (20, Gen.Choose(0, 20_000)),
        (8, Gen.Elements(Grace - 1, Grace, Grace + 1)),
        (1, Gen.Elements(Idle - 1, Idle, Idle + 1)));

    public override string ToString() =>
        $"Grace {Policy.Grace}, first generation {FirstGeneration}:"
        + string.Concat(Steps.Select((step, at) => $"\n  {at}: {step}"));

    private static SessionPolicy WithGrace(int grace) => new()
    {
        IdleLifetime = TimeSpan.FromMilliseconds(Idle),
        AbsoluteLifetime = TimeSpan.FromMinutes(30),
        Grace = TimeSpan.FromMilliseconds(grace),
    };

    private static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        var steps = scenario.Steps;
        for (var size = (steps.Count + 1) / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (var at = 0; at < steps.Count; at += size)
            {
                yield return scenario with { Steps = [.. steps.Take(at), .. steps.Skip(at + size)] };
            }
        }
    }
}
