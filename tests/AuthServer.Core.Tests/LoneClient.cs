using System.Diagnostics.CodeAnalysis;

namespace AuthServer.Core.Tests;

/// <summary>
/// Simulates a session without a thief: its client, its server and the network between them. The same seed gives the same run.
/// The client keeps to "How clients retry" of the contract. It repeats a refresh without an answer: 1 s later and then doubling
/// up to 15 s, or when its user is back. It drops the answer to any attempt but the latest. The network loses, delays and
/// duplicates attempts and answers. The store loses writes.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The same numbers each time, so that a failure can be repeated.")]
internal sealed class LoneClient
{
    private static readonly TimeSpan[] Graces =
        [TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)];

    private static readonly TimeSpan[] Absences =
        [TimeSpan.FromSeconds(36), TimeSpan.FromMinutes(10), TimeSpan.FromHours(5), TimeSpan.FromDays(3)];

    private readonly Random random;
    private readonly SessionPolicy policy;
    private readonly int lostPercent;
    private readonly List<SessionState> commits = [new() { Generation = 0, CreatedAt = Some.Login, RotatedAt = Some.Login }];
    private readonly PriorityQueue<Attempt, DateTimeOffset> network = new();
    private readonly List<Delivery> deliveries = [];

    private DateTimeOffset now = Some.Login;
    private uint newest;
    private int sent;
    private int latestDelivered;

    private LoneClient(int seed)
    {
        random = new Random(seed);
        policy = new SessionPolicy
        {
            IdleLifetime = TimeSpan.FromDays(3650),
            AbsoluteLifetime = TimeSpan.FromDays(3650),
            Grace = random.GetItems(Graces, 1)[0],
        };
        lostPercent = random.Next(0, 60);
    }

    private SessionState Stored => commits[^1];

    private bool IsInGrace => now <= Stored.RotatedAt + policy.Grace;

    /// <summary>The attempts that the server has got in a number of refreshes.</summary>
    public static IReadOnlyList<Delivery> Play(int seed, int refreshes)
    {
        var client = new LoneClient(seed);
        for (var refresh = 0; refresh < refreshes && client.Stored.EndReason is null; refresh++)
        {
            client.Wait(client.Pause());
            client.Refresh();
        }

        return client.deliveries;
    }

    private void Refresh()
    {
        var backoff = TimeSpan.FromSeconds(1);
        while (Stored.EndReason is null)
        {
            LoseWrites();
            var attempt = Send();
            if (attempt.AnsweredAt <= attempt.GivenUpAt)
            {
                Wait(attempt.AnsweredAt.Value - now);
                newest = attempt.Answer ?? newest;
                return;
            }

            Wait(attempt.GivenUpAt - now);
            Wait(Happens(15) ? random.GetItems(Absences, 1)[0] : backoff);
            backoff = TimeSpan.FromSeconds(Math.Min(15, backoff.TotalSeconds * 2));
        }
    }

    private Attempt Send()
    {
        var arrival = now + Delay();
        var attempt = new Attempt
        {
            Number = ++sent,
            Generation = newest,
            GivenUpAt = now + TimeSpan.FromMilliseconds(random.Next(1, 10_000)),
            AnsweredAt = Happens(lostPercent) ? null : arrival + Delay(),
        };
        if (Happens(lostPercent))
        {
            attempt.AnsweredAt = null;
        }
        else
        {
            network.Enqueue(attempt, arrival);
        }

        if (Happens(10))
        {
            network.Enqueue(attempt, arrival + Delay());
        }

        return attempt;
    }

    /// <summary>Lets time pass, and delivers each attempt at the moment of its arrival.</summary>
    private void Wait(TimeSpan time)
    {
        var until = now + time;
        while (network.TryPeek(out var attempt, out var arrival) && arrival <= until)
        {
            network.Dequeue();
            now = arrival;
            Deliver(attempt);
        }

        now = until;
    }

    // The assumption that the contract rests on: a client closes the connection of an attempt before it sends the next one. If an
    // attempt arrives after a later one nevertheless, or twice, it does so within the grace and before the successor is in use.
    private void Deliver(Attempt attempt)
    {
        var isStray = attempt.Number <= latestDelivered;
        if (isStray && !(IsInGrace && attempt.Generation >= Stored.NewestPresented))
        {
            return;
        }

        var before = Stored;
        var decision = Rotation.Decide(before, attempt.Generation, now, policy);
        deliveries.Add(new Delivery(now, attempt.Generation, isStray, before, decision));
        if (before.After(decision) is var after && after != before)
        {
            commits.Add(after);
        }

        if (attempt.Number > latestDelivered)
        {
            (latestDelivered, attempt.Answer) = (attempt.Number, decision.Successor());
        }
    }

    // The login itself stays: without it the session is unknown, which is no theft.
    private void LoseWrites()
    {
        if (Happens(3))
        {
            var lost = Math.Min(random.Next(1, 5), commits.Count - 1);
            commits.RemoveRange(commits.Count - lost, lost);
        }
    }

    private TimeSpan Pause() => random.Next(10) switch
    {
        < 6 => TimeSpan.FromSeconds(18),
        < 8 => TimeSpan.FromMilliseconds(random.Next(0, 60_000)),
        8 => policy.Grace + TimeSpan.FromMilliseconds(random.Next(-1, 2)),
        _ => random.GetItems(Absences, 1)[0],
    };

    private TimeSpan Delay() => TimeSpan.FromMilliseconds(Happens(80) ? random.Next(1, 500) : random.Next(1, 60_000));

    private bool Happens(int percent) => random.Next(100) < percent;

    /// <summary>A refresh that an attempt of the client asked for.</summary>
    /// <param name="At">The moment of the arrival.</param>
    /// <param name="Generation">The generation of the token.</param>
    /// <param name="IsStray">True if the same attempt or a later one had arrived before.</param>
    /// <param name="Before">The session before.</param>
    /// <param name="Decision">The decision.</param>
    internal sealed record Delivery(
        DateTimeOffset At, uint Generation, bool IsStray, SessionState Before, RotationDecision Decision);

    private sealed class Attempt
    {
        public required int Number { get; init; }

        public required uint Generation { get; init; }

        /// <summary>The moment the client closes the connection; what arrives later is dropped.</summary>
        public required DateTimeOffset GivenUpAt { get; init; }

        /// <summary>The moment the answer arrives; null if it is lost.</summary>
        public DateTimeOffset? AnsweredAt { get; set; }

        public uint? Answer { get; set; }
    }
}
