using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>What waits for its turn with <see cref="SessionWriter"/>.</summary>
internal abstract class WriterCommand
{
    /// <summary>The session it is about; null where it is about none.</summary>
    public virtual Guid? SessionId => null;

    /// <summary>Decides on the rows as the commands before it left them, and changes them.</summary>
    public abstract Task ApplyAsync(WriteTurn turn, SessionRow? session);

    /// <summary>What was decided is durable.</summary>
    public abstract void Answer();

    /// <summary>Nothing was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A command that somebody waits for.</summary>
internal abstract class WriterCommand<T> : WriterCommand
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T result = default!;

    public Task<T> Answered => answer.Task;

    public sealed override Task ApplyAsync(WriteTurn turn, SessionRow? session)
    {
        result = Decide(turn, session);
        return Task.CompletedTask;
    }

    public sealed override void Answer() => answer.TrySetResult(result);

    public sealed override void Fail(Exception exception) => answer.TrySetException(exception);

    protected abstract T Decide(WriteTurn turn, SessionRow? session);
}

/// <summary>What became of a refresh.</summary>
/// <param name="Decision">What <see cref="Rotation"/> decided; null where there is no such session.</param>
/// <param name="Grant">What tokens may be made for, after <see cref="Rotate"/> and <see cref="Repeat"/>.</param>
internal sealed record RefreshVerdict(RotationDecision? Decision, SessionGrant? Grant);

internal sealed class RefreshCommand(RefreshToken token, ClientInfo client, SessionPolicy policy, ILogger log)
    : WriterCommand<RefreshVerdict>
{
    public override Guid? SessionId => token.SessionId;

    protected override RefreshVerdict Decide(WriteTurn turn, SessionRow? session)
    {
        if (session is null)
        {
            return new RefreshVerdict(null, null);
        }

        var decision = Rotation.Decide(session.ToState(), token.Generation, turn.Now, policy);
        switch (decision)
        {
            case Rotate rotate:
                if (rotate.Recovered)
                {
                    log.GenerationRecovered(session.Id, session.Generation, token.Generation);
                }

                session.Generation = rotate.Generation;
                session.RotatedAt = turn.Now;
                session.IpAddress = client.IpAddress;
                session.UserAgent = client.UserAgent;
                return new RefreshVerdict(decision, GrantOf(session, turn.Now));
            case Repeat:
                if (client.IpAddress != session.IpAddress && client.UserAgent != session.UserAgent)
                {
                    log.RefreshShared(session.Id, session.IpAddress, client.IpAddress);
                }

                return new RefreshVerdict(decision, GrantOf(session, turn.Now));
            case Expire:
                turn.Expire(session, policy, client);
                break;
            case EndAsDisabled:
                turn.End(session, EndReason.Disabled, client);
                break;
            case EndAsReused:
                turn.End(session, EndReason.Reused, client);
                log.RefreshTokenReused(session.Id, session.UserId, token.Generation, session.Generation);
                break;
        }

        return new RefreshVerdict(decision, null);
    }

    private SessionGrant GrantOf(SessionRow session, DateTimeOffset now) =>
        new(session.Id, session.Generation, now, policy.ExpiryOf(session.CreatedAt, session.RotatedAt), session.User.ToFacts());
}

internal sealed class EndCommand(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) : WriterCommand<bool>
{
    public override Guid? SessionId => sessionId;

    protected override bool Decide(WriteTurn turn, SessionRow? session)
    {
        if (session is null || (userId is { } owner && session.UserId != owner))
        {
            return false;
        }

        if (session.EndedAt is null)
        {
            turn.End(session, reason, client);
        }

        return true;
    }
}

internal sealed class CountLoginFailureCommand(Guid userId, ClientInfo client, ILogger log) : WriterCommand
{
    public override async Task ApplyAsync(WriteTurn turn, SessionRow? session)
    {
        var minute = DateTimeOffset.FromUnixTimeSeconds(turn.Now.ToUnixTimeSeconds() / 60 * 60);
        var counted = turn.Db.Events.Local.FirstOrDefault(e => e.Kind == EventKind.LoginFailed && e.UserId == userId)
            ?? await turn.Db.Events
                .Where(e => e.UserId == userId && e.Kind == EventKind.LoginFailed)
                .OrderByDescending(e => e.Id)
                .FirstOrDefaultAsync();
        if (counted is null || counted.At != minute)
        {
            counted = new EventRow { At = minute, Kind = EventKind.LoginFailed, UserId = userId, Count = 0 };
            turn.Db.Events.Add(counted);
        }

        counted.Count++;
        counted.IpAddress = client.IpAddress;
        counted.UserAgent = client.UserAgent;
    }

    public override void Answer()
    {
    }

    public override void Fail(Exception exception) => log.LoginFailureNotCounted(userId, exception);
}
