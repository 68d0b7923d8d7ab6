using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// What waits for its turn with <see cref="SessionCommandQueue"/>. It may be applied more than once before it is written, so applying
/// it changes rows and nothing else.
/// </summary>
internal abstract class SessionCommand
{
    /// <summary>The session it is about; null where it is about none.</summary>
    public virtual Guid? SessionId => null;

    /// <summary>When it began to wait, as a timestamp of the clock.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Decides on the rows as the commands before it left them, and changes them.</summary>
    public abstract void Apply(WriteTransaction turn, LoadedSession? session);

    /// <summary>What was decided is durable.</summary>
    public abstract void Answer();

    /// <summary>Nothing was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A command that somebody waits for.</summary>
internal abstract class SessionCommand<T> : SessionCommand
{
    // What follows an answer follows on another thread: the framework goes on there with whatever else came over that connection, and
    // the others in the batch would wait until it has come to an end.
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T result = default!;

    public Task<T> Answered => answer.Task;

    public sealed override void Apply(WriteTransaction turn, LoadedSession? session) => result = Decide(turn, session);

    public sealed override void Answer()
    {
        try
        {
            Report(result);
        }
        finally
        {
            // It is durable, whatever became of the log.
            answer.TrySetResult(result);
        }
    }

    public sealed override void Fail(Exception exception) => answer.TrySetException(exception);

    protected abstract T Decide(WriteTransaction turn, LoadedSession? session);

    /// <summary>Logs what the log should have of a result that is durable.</summary>
    protected virtual void Report(T result)
    {
    }
}

/// <summary>What became of a refresh.</summary>
/// <param name="Decision">What <see cref="Rotation"/> decided; null where there is no such session.</param>
/// <param name="Grant">What tokens may be made for, after <see cref="Rotate"/> and <see cref="Repeat"/>.</param>
internal sealed record RefreshVerdict(RotationDecision? Decision, SessionGrant? Grant);

internal sealed class RefreshCommand(RefreshToken token, ClientInfo client, SessionPolicy policy, ILogger log)
    : SessionCommand<RefreshVerdict>
{
    private (uint Generation, string? IpAddress, string? UserAgent) before;

    public override Guid? SessionId => token.SessionId;

    protected override RefreshVerdict Decide(WriteTransaction turn, LoadedSession? session)
    {
        if (session is null)
        {
            return new RefreshVerdict(null, null);
        }

        var row = session.Row;
        before = (row.Generation, row.IpAddress, row.UserAgent);
        var decision = Rotation.Decide(row.ToState(session.User.Disabled), token.Generation, turn.Now, policy);
        switch (decision)
        {
            case Rotate rotate:
                row.Generation = rotate.Generation;
                row.RotatedAt = turn.Now;
                row.IpAddress = client.IpAddress;
                row.UserAgent = client.UserAgent;
                break;
            case Expire:
                turn.Expire(row, policy, client);
                break;
            case EndAsDisabled:
                turn.End(row, EndReason.Disabled, client);
                break;
            case EndAsReused:
                turn.End(row, EndReason.Reused, client);
                break;
        }

        return new RefreshVerdict(decision, decision is Rotate or Repeat ? GrantOf(session, turn.Now) : null);
    }

    protected override void Report(RefreshVerdict result)
    {
        switch (result.Decision)
        {
            case Rotate { Recovered: true }:
                log.GenerationRecovered(token.SessionId, before.Generation, token.Generation, token.Generation - before.Generation);
                break;
            case Repeat when client.IpAddress != before.IpAddress && client.UserAgent != before.UserAgent:
                log.RefreshShared(token.SessionId, before.IpAddress, client.IpAddress);
                break;
            case EndAsReused:
                log.RefreshTokenReused(token.SessionId, token.Generation, before.Generation);
                break;
        }
    }

    private SessionGrant GrantOf(LoadedSession session, DateTimeOffset now) =>
        new(token.SessionId, session.Row.Generation, now, policy.ExpiryOf(session.Row.CreatedAt, session.Row.RotatedAt), session.User);
}

internal sealed class EndCommand(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) : SessionCommand<bool>
{
    public override Guid? SessionId => sessionId;

    protected override bool Decide(WriteTransaction turn, LoadedSession? session)
    {
        if (session is null || (userId is { } owner && session.Row.UserId != owner))
        {
            return false;
        }

        if (session.Row.EndedAt is null)
        {
            turn.End(session.Row, reason, client);
        }
        else if (!session.IsChanged)
        {
            // Whoever asks again may have had no answer, and perhaps nobody was told.
            turn.Confirm(session.Row);
        }

        return true;
    }
}

internal sealed class CountLoginFailureCommand(Guid userId, ClientInfo client, ILogger log) : SessionCommand
{
    public override void Apply(WriteTransaction turn, LoadedSession? session) => turn.CountLoginFailure(userId, client);

    public override void Answer()
    {
    }

    public override void Fail(Exception exception) => log.LoginFailureNotCounted(userId, exception);
}
