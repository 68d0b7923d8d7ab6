using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Result of a refresh: one of the records below.</summary>
internal abstract record RefreshResult
{
    private protected RefreshResult()
    {
    }
}

/// <summary>No such session exists.</summary>
internal sealed record SessionUnknown : RefreshResult;

/// <summary>The refresh is refused.</summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>, which is neither of those that grant tokens.</param>
internal sealed record RefreshRefused(RotationDecision Decision) : RefreshResult;

/// <summary>The refresh is granted.</summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>: <see cref="Advance"/> or <see cref="Repeat"/>.</param>
/// <param name="Grant">The grant for new tokens.</param>
internal sealed record RefreshGranted(RotationDecision Decision, SessionGrant Grant) : RefreshResult;

/// <summary>Decides on a refresh and applies the decision.</summary>
internal sealed class RefreshCommand(
    RefreshToken token, ClientInfo client, SessionPolicy policy, IEventCounter events, ILogger log, long queuedAt)
    : SessionCommand<RefreshResult>(queuedAt)
{
    private (uint Generation, string? IpAddress, string? UserAgent) before;

    public override Guid SessionId => token.SessionId;

    public override void Apply(WriteTransaction transaction, LoadedSession? session)
    {
        if (session is null)
        {
            Result = new SessionUnknown();
            return;
        }

        var row = session.Row;
        before = (row.Generation, row.IpAddress, row.UserAgent);
        var decision = Rotation.Decide(row.ToState(session.User.Disabled), token.Generation, transaction.Now, policy);
        transaction.Apply(session, decision, token.Generation, policy, client);
        Result = decision is Advance or Repeat
            ? new RefreshGranted(decision, row.ToGrant(session.User, transaction.Now, policy))
            : new RefreshRefused(decision);
    }

    protected override void Report()
    {
        switch (Result)
        {
            case RefreshGranted { Decision: Rotate { Recovered: true } }:
                log.GenerationRecovered(
                    token.SessionId, before.Generation, token.Generation, token.Generation - before.Generation);
                break;
            case RefreshGranted { Decision: Repeat or Skip } granted
                when client.IpAddress != before.IpAddress && client.UserAgent != before.UserAgent:
                events.Count(new SecurityEvent(EventKind.RefreshShared, client, granted.Grant.User.Id)
                {
                    SessionId = token.SessionId,
                    Detail = $"rotated from {before.IpAddress}",
                });
                break;
        }
    }
}
