using System.Data.Common;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Whether the database answers. Safe to share.</summary>
internal sealed class DatabaseCheck(IDatabase database, ILogger<DatabaseCheck> log)
{
    public async Task<bool> PassesAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await database.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM (SELECT id FROM users LIMIT 1) one";
            await command.ExecuteScalarAsync(ct);
            return true;
        }
        catch (DbException exception)
        {
            log.Unavailable(exception);
            return false;
        }
    }
}
