namespace AuthServer.Core.Tests;

/// <summary>
/// Plays a scenario. Clients and a thief hold tokens as text. The server reads them, asks <see cref="Rotation.Decide"/> and
/// applies the decision to its store.
/// </summary>
internal sealed class World(Scenario scenario)
{
    private static readonly RefreshKeyRing Keys = Some.Keys(1);

    private readonly Store store = new();
    private readonly Device[] devices = [.. Enumerable.Range(0, Scenario.Clients).Select(_ => new Device())];
    private readonly List<string>[] loot = [.. Enumerable.Range(0, Scenario.Clients).Select(_ => new List<string>())];
    private readonly List<Presentation> presentations = [];

    // Sessions of which a thief used a token, or whose client retried later than the policy allows. Reuse is justified there.
    private readonly HashSet<Guid> compromised = [];

    // Sessions in which a thief has made a late retry. Their clients may hold a skipped successor without knowing it.
    private readonly HashSet<Guid> skippedByThief = [];

    // Sessions with an acknowledged end, and the number of commits at that moment.
    private readonly Dictionary<Guid, int> endings = [];

    // Those of them whose end the store has lost.
    private readonly HashSet<Guid> broughtBack = [];

    private DateTimeOffset now = Some.Login;
    private int logins;
    private int at;

    private SessionPolicy Policy => scenario.Policy;

    public static IReadOnlyList<Presentation> Play(Scenario scenario)
    {
        var world = new World(scenario);
        foreach (var step in scenario.Steps)
        {
            world.Do(step);
            world.at++;
        }

        return world.presentations;
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case Use(var client): Refresh(devices[client], answered: true); break;
            case UseUnanswered(var client): Refresh(devices[client], answered: false); break;
            case UseAgain(var client): RepeatFormer(devices[client]); break;
            case Steal(var client) when devices[client].Newest is { } newest: loot[client].Add(newest); break;
            case Attack(var client, var pick) when loot[client].Count > 0: Attack(devices[client], loot[client], pick); break;
            case End(var client, var reason): Change(devices[client], s => s with { EndReason = reason }); break;
            case Disable(var client): Change(devices[client], s => s with { UserDisabled = true }); break;
            case LoseWrites(var commits): LoseWrites(commits); break;
            case Pass(var milliseconds): now = now.AddMilliseconds(milliseconds); break;
        }
    }

    private void Refresh(Device device, bool answered)
    {
        if (device.Newest is not { } newest)
        {
            LogIn(device);
            return;
        }

        if (device.SentAt is { } sent && !Policy.TakesLateRetries && !IsInGrace(sent))
        {
            compromised.Add(device.Named.SessionId);
        }

        device.SentAt ??= now;
        var answer = Present(newest, byThief: false);
        if (!answered)
        {
            return;
        }

        if (answer is null)
        {
            device.LogOut();
            return;
        }

        device.Take(answer, Read(answer));
    }

    private void RepeatFormer(Device device)
    {
        // Once the newest token is in use, the contract takes a tab with the former one for a second party.
        if (device.Former is { } former && device.SentAt is null && device.FormerSentAt is { } sent && IsInGrace(sent))
        {
            Present(former, byThief: false);
        }
    }

    private void Attack(Device device, List<string> tokens, int pick)
    {
        var token = tokens[^(1 + (pick % tokens.Count))];
        compromised.Add(Read(token).SessionId);
        if (Present(token, byThief: true, device) is { } successor)
        {
            tokens.Add(successor);
        }
    }

    private void Change(Device device, Func<SessionState, SessionState> change)
    {
        if (device.Newest is not null && store.Find(device.Named.SessionId) is { EndReason: null } session)
        {
            Commit(device.Named.SessionId, change(session));
        }
    }

    private void LoseWrites(int commits)
    {
        store.Lose(commits);
        foreach (var (session, _) in endings.Where(ending => ending.Value > store.Count).ToList())
        {
            endings.Remove(session);
            broughtBack.Add(session);
        }

        Array.ForEach(devices, device => device.MayBeLost = true);
    }

    private void LogIn(Device device)
    {
        var token = new RefreshToken(new Guid(++logins, 0, 0, new byte[8]), scenario.FirstGeneration);
        Commit(token.SessionId, new SessionState { Generation = token.Generation, CreatedAt = now, RotatedAt = now });
        device.LogIn(token.Encode(Keys), token);
    }

    /// <summary>The server's side of a refresh. Returns the successor; null if it refuses.</summary>
    private string? Present(string sent, bool byThief, Device? victim = null)
    {
        var token = Read(sent);
        var before = store.Find(token.SessionId);
        var wasOver = endings.ContainsKey(token.SessionId);
        var decision = before is { } known ? Rotation.Decide(known, token.Generation, now, Policy) : null;
        var successor = before is { } session ? Apply(decision!, token.SessionId, session)?.Encode(Keys) : null;
        presentations.Add(new Presentation
        {
            Step = at,
            At = now,
            Token = token,
            Sent = sent,
            Before = before,
            Decision = decision,
            Successor = successor,
            After = store.Find(token.SessionId),
            Losses = store.Losses,
            WasOver = wasOver,
            WasBroughtBack = !wasOver && broughtBack.Contains(token.SessionId),
            ByInnocent = !byThief && !compromised.Contains(token.SessionId),
            ByPlainThief = byThief && !skippedByThief.Contains(token.SessionId) && IsFollowed(token, victim!),
        });
        if (byThief && decision is Skip)
        {
            skippedByThief.Add(token.SessionId);
        }

        return successor;
    }

    private RefreshToken? Apply(RotationDecision decision, Guid id, SessionState session)
    {
        var after = session.After(decision);
        if (after != session)
        {
            Commit(id, after);
        }

        return decision.Successor() is { } generation ? new RefreshToken(id, generation) : null;
    }

    /// <summary>Writes a session. Its end, if it has one, is acknowledged once it is written.</summary>
    private void Commit(Guid id, SessionState session)
    {
        store.Commit(id, session);
        if (session.EndReason is not null || session.UserDisabled)
        {
            endings.TryAdd(id, store.Count);
        }
    }

    private bool IsInGrace(DateTimeOffset sent) => Policy.Grace > TimeSpan.Zero && now <= sent + Policy.Grace;

    private static bool IsFollowed(RefreshToken token, Device victim)
    {
        if (victim.Newest is null || victim.MayBeLost || token.SessionId != victim.Named.SessionId)
        {
            return false;
        }

        return victim.SentAt is null
            ? victim.Former is not null && token.Generation < victim.FormerGeneration
            : token.Generation < victim.Named.Generation;
    }

    private static RefreshToken Read(string text) =>
        RefreshToken.TryParse(text, Keys, out var token)
            ? token
            : throw new ArgumentException("The server refuses its own token.", nameof(text));
}
