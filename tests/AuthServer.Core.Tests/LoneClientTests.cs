namespace AuthServer.Core.Tests;

/// <summary>
/// A client of a session without a thief is never taken for one, whatever the network does. It always gets a token that works.
/// </summary>
public sealed class LoneClientTests
{
    private const int Runs = 20_000;
    private const int Refreshes = 25;

    private static readonly SessionPolicy Policy = new();
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan[] Gaps = [TimeSpan.FromSeconds(1), Policy.Grace, Policy.Grace + OneMillisecond];

    [Fact]
    public void Lone_client_on_any_network_is_never_taken_for_thief() =>
        Assert.All(Enumerable.Range(0, Runs), seed =>
        {
            var deliveries = LoneClient.Play(seed, Refreshes);
            if (!deliveries.All(use => use.Decision is Advance or Repeat))
            {
                Assert.Fail($"Seed {seed}:\n{string.Join('\n', deliveries)}");
            }
        });

    [Fact]
    public void Lone_client_at_edges_of_grace_is_never_taken_for_thief() =>
        Explore(before: null, Login(), newest: 0, Some.Login, attempts: 6);

    [Fact]
    public void Runs_contain_every_case_of_lone_client()
    {
        var deliveries = Enumerable.Range(0, 200).SelectMany(seed => LoneClient.Play(seed, Refreshes)).ToList();

        Assert.All<(string Name, Func<LoneClient.Delivery, bool> Applies)>(
            [
                ("rotation", use => use.Decision is Rotate { Recovered: false }),
                ("recovery of lost writes", use => use.Decision is Rotate { Recovered: true }),
                ("retry within the grace", use => use.Decision is Repeat && !use.IsStray),
                ("late retry", use => use.Decision is Skip),
                ("second late retry in a row", use => use.Decision is Skip && use.Before.Generation - use.Generation > 1),
                ("stray attempt", use => use.IsStray),
            ],
            kind => Assert.True(deliveries.Count(kind.Applies) >= 10, $"{kind.Name}: {deliveries.Count(kind.Applies)}"));
    }

    // The limits of the model, each an attempt that arrives after the answer to a later one has been accepted.
    [Fact]
    public void Stray_attempt_after_use_of_successor_is_reuse()
    {
        var session = Present(Login(), 0, at: 0, out _); // sent twice; this is the second attempt
        session = Present(session, 1, at: 1, out _);

        Present(session, 0, at: 2, out var stray);

        Assert.IsType<EndAsReused>(stray);
    }

    [Fact]
    public void Stray_attempt_after_grace_makes_accepted_answer_skipped()
    {
        var session = Present(Login(), 0, at: 0, out _); // the answer is lost
        session = Present(session, 0, at: 29, out var accepted);
        session = Present(session, 0, at: 31, out var stray); // sent before the accepted one
        Present(session, 1, at: 62, out var next);

        Assert.Equal(new Repeat(1), accepted);
        Assert.IsType<Skip>(stray);
        Assert.IsType<EndAsReused>(next);
    }

    private static SessionState Login() => new() { Generation = 0, CreatedAt = Some.Login, RotatedAt = Some.Login };

    private static SessionState Present(SessionState session, uint generation, int at, out RotationDecision decision)
    {
        decision = Rotation.Decide(session, generation, Some.Login.AddMinutes(1).AddSeconds(at), Policy);
        return session.After(decision);
    }

    /// <summary>Plays every combination of losses and gaps of a number of attempts that arrive as they were sent.</summary>
    private static void Explore(Attempt? before, SessionState session, uint newest, DateTimeOffset now, int attempts)
    {
        if (attempts == 0)
        {
            return;
        }

        foreach (var at in Gaps.Select(gap => now + gap))
        {
            Explore(before, session, newest, at, attempts - 1); // the attempt is lost

            var attempt = new Attempt(before, at, newest, session, Rotation.Decide(session, newest, at, Policy));
            if (attempt.Decision is not (Advance or Repeat))
            {
                Assert.Fail(attempt.ToString());
            }

            var after = session.After(attempt.Decision);
            Explore(attempt, after, newest, at, attempts - 1); // the answer is lost
            Explore(attempt, after, attempt.Decision.Successor()!.Value, at, attempts - 1);
        }
    }

    /// <summary>An attempt that has reached the server. Its text has those before it too.</summary>
    private sealed record Attempt(
        Attempt? Before, DateTimeOffset At, uint Generation, SessionState Session, RotationDecision Decision);
}
