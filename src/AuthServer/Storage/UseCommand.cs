using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Writes the use of a session by its handle, if the use is due.</summary>
internal sealed class UseCommand(
    SessionHandle handle, ClientInfo client, SessionPolicy policy, ILogger log, long queuedAt)
    : SessionCommand<Unit>(queuedAt)
{
    private uint stored;

    public override Guid SessionId => handle.SessionId;

    public override void Apply(WriteTransaction transaction, LoadedSession? session)
    {
        if (session is null)
        {
            return;
        }

        stored = session.Row.Generation;
        var decision = SessionUse.Decide(
            session.Row.ToState(session.User.Disabled), handle.Epoch, transaction.Now, policy);
        if (decision is AcceptUse { IsDue: true, Epoch: var epoch })
        {
            transaction.Use(session, epoch, client);
        }
    }

    protected override void Report()
    {
        if (handle.Epoch > stored)
        {
            log.GenerationRecovered(handle.SessionId, stored, handle.Epoch, handle.Epoch - stored);
        }
    }
}
