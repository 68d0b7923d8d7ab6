using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Health;

/// <summary>Whether the database answers and this node may work with it. Whatever goes wrong is a no, and in the log. Safe to share.</summary>
internal sealed class ReadinessCheck(IStorageProvider database, ILogger<ReadinessCheck> log)
{
    public async Task<bool> PassesAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await database.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM (SELECT id FROM users LIMIT 1) one";
            await command.ExecuteScalarAsync(ct);
            if (database.NotReadyReason is not { } reason)
            {
                return true;
            }

            log.NotReady(reason);
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.Unavailable(exception);
            return false;
        }
    }
}
