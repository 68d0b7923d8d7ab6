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
    /// <param name="query">The query. Its interpolated values become parameters.</param>
    /// <param name="rowOf">Makes a row of the current one of the reader.</param>
    /// <param name="ct">Cancels the query.</param>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public static Task<List<T>> ReadRowsAsync<T>(
        this IStorageProvider provider, FormattableString query, Func<DbDataReader, T> rowOf, CancellationToken ct) =>
        provider.RunReadAsync(
            async token =>
            {
                await using var connection = await provider.OpenAsync(token);
                await using var command = connection.NewCommand(query);
                return await command.ReadRowsAsync(rowOf, token);
            },
            ct);

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
