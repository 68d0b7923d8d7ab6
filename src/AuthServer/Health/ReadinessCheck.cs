using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Health;

/// <summary>Checks that the database answers and that this node may use it. Logs why not. Thread-safe.</summary>
internal sealed class ReadinessCheck(
    IStorageProvider database, IEnumerable<INodeCondition> conditions, Drain drain, ILogger<ReadinessCheck> log)
{
    /// <summary>True if the node is ready. No failure of the database is thrown.</summary>
    public async Task<bool> PassesAsync(CancellationToken ct) =>
        await AnswersAsync(ct)
        && IsWell(conditions.Select(condition => condition.NotReadyReason).Prepend(database.NotReadyReason));

    /// <summary>
    /// True unless the node itself is at fault. A database that is away is away for all nodes, and private routes go on.
    /// </summary>
    public async Task<bool> TakesTrafficAsync(CancellationToken ct) =>
        IsWell([drain.NotReadyReason]) && (!await AnswersAsync(ct) || IsWell([database.NotReadyReason]));

    private bool IsWell(IEnumerable<string?> reasons)
    {
        var reason = reasons.FirstOrDefault(one => one is not null);
        if (reason is not null)
        {
            log.NotReady(reason);
        }

        return reason is null;
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await database.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM (SELECT id FROM users LIMIT 1) one";
            await command.ExecuteScalarAsync(ct);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.Unavailable(exception);
            return false;
        }
    }
}
