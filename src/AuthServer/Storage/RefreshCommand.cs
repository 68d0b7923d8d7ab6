using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>The result of a refresh.</summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>; null if there is no such session.</param>
/// <param name="Grant">The grant for new tokens, after <see cref="Advance"/> and <see cref="Repeat"/>.</param>
internal sealed record RefreshVerdict(RotationDecision? Decision, SessionGrant? Grant);

/// <summary>Decides on a refresh and applies the decision.</summary>
internal sealed class RefreshCommand(RefreshToken token, ClientInfo client, SessionPolicy policy, ILogger log, long queuedAt)
    : SessionCommand<RefreshVerdict>(queuedAt)
{
    private (uint Generation, string? IpAddress, string? UserAgent) before;

    public override Guid? SessionId => token.SessionId;

    public override void Apply(WriteTransaction transaction, LoadedSession? session)
    {
        if (session is null)
        {
            Result = new RefreshVerdict(null, null);
            return;
        }

        var row = session.Row;
        before = (row.Generation, row.IpAddress, row.UserAgent);
        var decision = Rotation.Decide(row.ToState(session.User.Disabled), token.Generation, transaction.Now, policy);
        switch (decision)
        {
            case Advance advance:
                transaction.Advance(session, advance, client);
                break;
            case Expire:
                transaction.Expire(session, policy, client);
                break;
            case EndAsDisabled:
                transaction.End(session, EndReason.Disabled, client);
                break;
            case EndAsReused:
                transaction.End(session, EndReason.Reused, client);
                break;
        }

        Result = new RefreshVerdict(
            decision, decision is Advance or Repeat ? row.ToGrant(session.User, transaction.Now, policy) : null);
    }

    protected override void Report()
    {
        switch (Result.Decision)
        {
            case Rotate { Recovered: true }:
                log.GenerationRecovered(
                    token.SessionId, before.Generation, token.Generation, token.Generation - before.Generation);
                break;
            case Repeat or Skip when client.IpAddress != before.IpAddress && client.UserAgent != before.UserAgent:
                log.RefreshShared(token.SessionId, before.IpAddress, client.IpAddress);
                break;
            case EndAsReused:
                log.RefreshTokenReused(token.SessionId, token.Generation, before.Generation);
                break;
        }
    }
}
