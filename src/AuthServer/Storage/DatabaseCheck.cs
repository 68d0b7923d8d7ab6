using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthServer.Storage;

/// <summary>Whether the database answers.</summary>
internal sealed class DatabaseCheck(IDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM (SELECT id FROM users LIMIT 1) one";
        await command.ExecuteScalarAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
