using System.Data.Common;
using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Reads with the provider's timeout, outside a write transaction.</summary>
internal static class StorageReads
{
    /// <summary>Runs a query of EF Core.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public static Task<T> ReadAsync<T>(
        this IStorageProvider provider, Func<AuthDbContext, CancellationToken, Task<T>> query, CancellationToken ct) =>
        provider.RunReadAsync(
            async token =>
            {
                await using var db = provider.CreateContext();
                return await query(db, token);
            },
            ct);

    /// <summary>Runs a query without EF Core, which a start does not load.</summary>
    /// <param name="provider">The database.</param>
    /// <param name="sql">The query, a constant.</param>
    /// <param name="rowOf">Makes a row of the current one of the reader.</param>
    /// <param name="ct">Cancels the query.</param>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public static Task<List<T>> ReadRowsAsync<T>(
        this IStorageProvider provider, string sql, Func<DbDataReader, T> rowOf, CancellationToken ct) => provider.RunReadAsync(
        async token =>
        {
            await using var connection = await provider.OpenAsync(token);
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant.
            command.CommandText = sql;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(token);
            var rows = new List<T>();
            while (await reader.ReadAsync(token))
            {
                rows.Add(rowOf(reader));
            }

            return rows;
        },
        ct);

    /// <summary>The moment of a column in milliseconds; null if it has none.</summary>
    public static DateTimeOffset? MomentOf(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    /// <summary>Runs a read.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public static async Task<T> RunReadAsync<T>(
        this IStorageProvider provider, Func<CancellationToken, Task<T>> read, CancellationToken ct)
    {
        using var timeout = StorageTimeouts.Start(provider.Timeouts.Work, ct);
        try
        {
            return await read(timeout?.Token ?? ct);
        }
        catch (Exception exception) when (timeout is { IsCancellationRequested: true } && !ct.IsCancellationRequested)
        {
            throw new UnavailableException("The database did not answer in time.", exception);
        }
        catch (Exception exception) when (provider.FaultOf(exception) != StorageFault.None)
        {
            throw new UnavailableException("The database is away, too busy or damaged.", exception);
        }
    }
}
