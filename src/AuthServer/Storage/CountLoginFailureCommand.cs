using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Counts a failed login. No caller waits for it.</summary>
internal sealed class CountLoginFailureCommand(Guid userId, ClientInfo client, ILogger log, long queuedAt)
    : SessionCommand(queuedAt)
{
    public override void Apply(WriteTransaction transaction, LoadedSession? session) =>
        transaction.CountLoginFailure(userId, client);

    public override void Answer()
    {
    }

    public override void Fail(Exception exception)
    {
        try
        {
            log.LoginFailureNotCounted(userId, exception);
        }
#pragma warning disable CA1031 // The log is what failed.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
