using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Health;

/// <summary>Checks that the database works and that this node may use it. Logs why not. Thread-safe.</summary>
internal sealed class ReadinessCheck(
    IStorageProvider database,
    WriteProbe writes,
    IEnumerable<INodeCondition> conditions,
    ILogger<ReadinessCheck> log)
{
    /// <summary>True if the node is ready. No failure of the database is thrown.</summary>
    public async Task<bool> PassesAsync(CancellationToken ct) =>
        await AnswersAsync(ct)
        && IsWell(conditions.Select(condition => condition.NotReadyReason).Prepend(database.NotReadyReason))
        && await SucceedsAsync(writes.WriteAsync(ct));

    /// <summary>
    /// True unless the node itself is at fault. A database that is away is away for all nodes, and private routes go on.
    /// </summary>
    public async Task<bool> TakesTrafficAsync(CancellationToken ct) =>
        IsWell(conditions.Where(condition => condition.IsOfNodeAlone).Select(condition => condition.NotReadyReason))
        && (!await AnswersAsync(ct) || IsWell([database.NotReadyReason]));

    private bool IsWell(IEnumerable<string?> reasons)
    {
        var reason = reasons.FirstOrDefault(one => one is not null);
        if (reason is not null)
        {
            log.NotReady(reason);
        }

        return reason is null;
    }

    private Task<bool> AnswersAsync(CancellationToken ct) => SucceedsAsync(ReadAsync(ct));

    private async Task ReadAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT u.id FROM sessions s JOIN users u ON u.id = s.user_id ORDER BY s.id DESC LIMIT 1";
        await command.ExecuteScalarAsync(ct);
    }

    private async Task<bool> SucceedsAsync(Task use)
    {
        try
        {
            await use;
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.Unavailable(exception);
            return false;
        }
    }
}
