using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Ends a session of a user, or of any user if <paramref name="userId"/> is null. True if there is one.</summary>
internal sealed class EndCommand(
    Guid sessionId, EndReason reason, Guid? userId, ClientInfo client, EndedSessionMemory memory, long queuedAt)
    : SessionCommand<bool>(queuedAt)
{
    public override Guid SessionId => sessionId;

    public override void Apply(WriteTransaction transaction, LoadedSession? session)
    {
        Result = session is not null && (userId is null || session.Row.UserId == userId);
        if (session is null || !Result)
        {
            return;
        }

        if (session.Row.EndedAt is not { } endedAt)
        {
            transaction.End(session, reason, client);
        }
        else if (!session.IsChanged && transaction.Now - endedAt <= memory.Duration)
        {
            // A caller that asks again may have had no answer, and the end may not have been published.
            transaction.Confirm(session);
        }
    }
}
