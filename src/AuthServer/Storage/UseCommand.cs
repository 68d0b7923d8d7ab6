using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Writes the use of a session by its handle, if the use is due. No caller waits for it. One that fails is written with the next
/// use that is read.
/// </summary>
internal sealed class UseCommand(
    SessionHandle handle, ClientInfo client, SessionPolicy policy, ILogger log, long queuedAt)
    : SessionCommand<Unit>(queuedAt)
{
    private uint? before;

    public override Guid SessionId => handle.SessionId;

    public override void Apply(WriteTransaction transaction, LoadedSession? session)
    {
        before = null;
        if (session is not null
            && SessionUse.Decide(session.Row.ToState(session.User.Disabled), handle.Epoch, transaction.Now, policy)
                is AcceptUse { IsDue: true, Epoch: var epoch })
        {
            before = session.Row.Generation;
            transaction.Use(session, epoch, client);
        }
    }

    public override void Fail(Exception exception)
    {
        // The database is away, which its requests report, or another transaction holds the session.
        if (exception is not (UnavailableException or WriteConflictException))
        {
            log.UseNotWritten(exception);
        }
    }

    protected override void Report()
    {
        if (before is { } stored && handle.Epoch > stored)
        {
            log.GenerationRecovered(handle.SessionId, stored, handle.Epoch, handle.Epoch - stored);
        }
    }
}
