namespace AuthServer.Core.Tests;

/// <summary>
/// Plays a scenario: clients and a thief hold tokens as text, the server reads them, asks <see cref="Rotation.Decide"/> and does
/// to its store what that says.
/// </summary>
internal sealed class World(Scenario scenario)
{
    private static readonly RefreshKeyRing Keys = Some.Keys(1);

    private readonly Store store = new();
    private readonly Device[] devices = [.. Enumerable.Range(0, Scenario.Clients).Select(_ => new Device())];
    private readonly List<string>[] loot = [.. Enumerable.Range(0, Scenario.Clients).Select(_ => new List<string>())];
    private readonly List<Presentation> presentations = [];

    // Sessions in which a thief used a token, or whose client repeated one too late: from then on reuse is no false alarm.
    private readonly HashSet<Guid> spoilt = [];

    // What was told to be over, and at which commit.
    private readonly Dictionary<Guid, int> endings = [];

    // Of these the store has lost that.
    private readonly HashSet<Guid> broughtBack = [];

    private DateTimeOffset now = Some.Login;
    private int logins;
    private int at;

    private TimeSpan Grace => scenario.Policy.Grace;

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
            case Use(var client): Refresh(devices[client], heard: true); break;
            case UseUnheard(var client): Refresh(devices[client], heard: false); break;
            case UseAgain(var client): RepeatFormer(devices[client]); break;
            case Steal(var client) when devices[client].Newest is { } newest: loot[client].Add(newest); break;
            case Attack(var client, var pick) when loot[client].Count > 0: Attack(devices[client], loot[client], pick); break;
            case End(var client, var reason): Change(devices[client], s => s with { EndReason = reason }); break;
            case Disable(var client): Change(devices[client], s => s with { UserDisabled = true }); break;
            case LoseWrites(var commits): LoseWrites(commits); break;
            case Pass(var milliseconds): now = now.AddMilliseconds(milliseconds); break;
        }
    }

    private void Refresh(Device device, bool heard)
    {
        if (device.Newest is not { } newest)
        {
            LogIn(device);
            return;
        }

        if (device.SentAt is { } sent && !IsInGrace(sent))
        {
            spoilt.Add(device.Named.SessionId);
        }

        device.SentAt ??= now;
        var answer = Present(newest, byThief: false);
        if (!heard)
        {
            return;
        }

        if (answer is null)
        {
            device.LogOut();
            return;
        }

        device.Take(answer, Read(answer), now);
    }

    private void RepeatFormer(Device device)
    {
        // Once the newest token is in use a tab with the one before is no longer an innocent one, to the contract.
        if (device.Former is { } former && device.SentAt is null && device.FormerSentAt is { } sent && IsInGrace(sent))
        {
            Present(former, byThief: false);
        }
    }

    private void Attack(Device device, List<string> tokens, int pick)
    {
        var token = tokens[^(1 + (pick % tokens.Count))];
        spoilt.Add(Read(token).SessionId);
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

        Array.ForEach(devices, device => device.IsForgotten = true);
    }

    private void LogIn(Device device)
    {
        var token = new RefreshToken(new Guid(++logins, 0, 0, new byte[8]), scenario.FirstGeneration);
        Commit(token.SessionId, new SessionState { Generation = token.Generation, CreatedAt = now, RotatedAt = now });
        device.LogIn(token.Encode(Keys), token, now);
    }

    /// <summary>The server's side of a refresh; the successor, or null.</summary>
    private string? Present(string sent, bool byThief, Device? victim = null)
    {
        var token = Read(sent);
        var before = store.Find(token.SessionId);
        var wasOver = endings.ContainsKey(token.SessionId);
        var decision = before is { } known ? Rotation.Decide(known, token.Generation, now, scenario.Policy) : null;
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
            WasOver = wasOver,
            WasBroughtBack = !wasOver && broughtBack.Contains(token.SessionId),
            ByInnocent = !byThief && !spoilt.Contains(token.SessionId),
            ByPlainThief = byThief && IsLongTraded(token, victim!),
        });
        return successor;
    }

    private RefreshToken? Apply(RotationDecision decision, Guid id, SessionState session)
    {
        switch (decision)
        {
            case Rotate rotate:
                Commit(id, session with { Generation = rotate.Generation, RotatedAt = now });
                return new RefreshToken(id, rotate.Generation);
            case Repeat repeat:
                return new RefreshToken(id, repeat.Generation);
            case Expire:
                Commit(id, session with { EndReason = EndReason.Expired });
                return null;
            case EndAsDisabled:
                Commit(id, session with { EndReason = EndReason.Disabled });
                return null;
            case EndAsReused:
                Commit(id, session with { EndReason = EndReason.Reused });
                return null;
            default:
                return null;
        }
    }

    /// <summary>Writes a session; where it is over, whoever asked is told so once it is written.</summary>
    private void Commit(Guid id, SessionState session)
    {
        store.Commit(id, session);
        if (session.EndReason is not null || session.UserDisabled)
        {
            endings.TryAdd(id, store.Count);
        }
    }

    private bool IsInGrace(DateTimeOffset sent) => Grace > TimeSpan.Zero && now <= sent + Grace;

    private bool IsLongTraded(RefreshToken token, Device victim)
    {
        if (victim.Newest is null || victim.IsForgotten || token.SessionId != victim.Named.SessionId)
        {
            return false;
        }

        var behind = (long)victim.Named.Generation - token.Generation;
        return behind > 1 || (behind == 1 && !IsInGrace(victim.HeardAt));
    }

    private static RefreshToken Read(string text) =>
        RefreshToken.TryParse(text, Keys, out var token)
            ? token
            : throw new ArgumentException("The server's own token is refused.", nameof(text));
}
