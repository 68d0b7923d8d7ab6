using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Health;

/// <summary>Checks that the database answers and that this node may use it. Logs each failure. Thread-safe.</summary>
internal sealed class ReadinessCheck(IStorageProvider database, ILogger<ReadinessCheck> log)
{
    /// <summary>True if the node is ready. No failure of the database is thrown.</summary>
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
