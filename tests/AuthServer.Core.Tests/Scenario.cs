using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>One event in the life of the clients, their thief, the store or the clock.</summary>
internal abstract record Step;

/// <summary>A client refreshes with its newest token, or logs in if it has none.</summary>
internal sealed record Use(int Client) : Step;

/// <summary>A client refreshes, but the answer is lost: it keeps the token that it sent.</summary>
internal sealed record UseUnanswered(int Client) : Step;

/// <summary>A second tab of the client repeats the token of the last refresh, late but within the grace.</summary>
internal sealed record UseAgain(int Client) : Step;

/// <summary>The thief copies the client's newest token.</summary>
internal sealed record Steal(int Client) : Step;

/// <summary>The thief uses a token that he copied from this client, or got in exchange for one.</summary>
internal sealed record Attack(int Client, int Loot) : Step;

/// <summary>The client's session is ended, and the end is acknowledged to the caller.</summary>
internal sealed record End(int Client, EndReason Reason) : Step;

/// <summary>The client's account is disabled; its session stays unchanged until a token of it is used.</summary>
internal sealed record Disable(int Client) : Step;

/// <summary>The store loses its newest commits, as in a failover to a node that did not have them.</summary>
internal sealed record LoseWrites(int Commits) : Step;

/// <summary>Time passes.</summary>
internal sealed record Pass(int Milliseconds) : Step;

/// <summary>The steps of a few clients of one server. Its text is a trace to read.</summary>
internal sealed record Scenario(SessionPolicy Policy, uint FirstGeneration, IReadOnlyList<Step> Steps)
{
    public const int Clients = 3;

    private const int Grace = 30_000;
    private const int Idle = 600_000;

    /// <summary>Scenarios of a few hundred steps. They shrink by leaving out more and more steps.</summary>
    public static Arbitrary<Scenario> Any { get; } = Arb.From(
        from grace in Gen.Frequency((4, Gen.Constant(Grace)), (1, Gen.Constant(0)))
        from lateRetries in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from first in Gen.Frequency((4, Gen.Constant(0u)), (1, Gen.Constant(uint.MaxValue - 5)))
        from count in Gen.Choose(100, 400)
        from steps in AnyStep.ArrayOf(count)
        select new Scenario(PolicyOf(grace, lateRetries), first, steps),
        Shrink);

    private static Gen<Step> AnyStep
    {
        get
        {
            var client = Gen.Choose(0, Clients - 1);
            return Gen.Frequency(
                (22, client.Select(c => (Step)new Use(c))),
                (18, client.Select(c => (Step)new UseUnanswered(c))),
                (8, client.Select(c => (Step)new UseAgain(c))),
                (4, client.Select(c => (Step)new Steal(c))),
                (16, client.Zip(Gen.Choose(0, 9), (c, loot) => (Step)new Attack(c, loot))),
                (1, client.Zip(Gen.Elements(EndReason.Logout, EndReason.Revoked), (c, reason) => (Step)new End(c, reason))),
                (1, client.Select(c => (Step)new Disable(c))),
                (2, Gen.Choose(1, 8).Select(commits => (Step)new LoseWrites(commits))),
                (30, AnyTime.Select(time => (Step)new Pass(time))));
        }
    }

    // Mostly short enough for refreshes to meet; often at the edges of the grace, sometimes at those of the idle lifetime.
    private static Gen<int> AnyTime => Gen.Frequency(
        (20, Gen.Choose(0, 20_000)),
        (14, Gen.Elements(Grace - 1, Grace, Grace + 1)),
        (1, Gen.Elements(Idle - 1, Idle, Idle + 1)));

    public override string ToString() =>
        $"Grace {Policy.Grace}, late retries {Policy.LateRetries}, first generation {FirstGeneration}:"
        + string.Concat(Steps.Select((step, at) => $"\n  {at}: {step}"));

    private static SessionPolicy PolicyOf(int grace, bool lateRetries) => new()
    {
        IdleLifetime = TimeSpan.FromMilliseconds(Idle),
        AbsoluteLifetime = TimeSpan.FromMinutes(30),
        Grace = TimeSpan.FromMilliseconds(grace),
        LateRetries = lateRetries,
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
