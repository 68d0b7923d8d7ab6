using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The back ends that may ask about tokens. Safe to share.</summary>
internal sealed class ResourceServerStore(TransactionRunner runner, IStorageProvider provider)
{
    /// <summary>Lists all back ends by name.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task<List<ResourceServerRow>> ListAsync(CancellationToken ct) => provider.ReadRowsAsync(
        $"SELECT name, secret_hash, created_at FROM resource_servers ORDER BY name",
        reader => new ResourceServerRow
        {
            Name = reader.GetString(0),
            SecretHash = (byte[])reader.GetValue(1),
            CreatedAt = reader.MomentOf(2)!.Value,
        },
        ct);

    /// <summary>Adds a back end. False if there is one of this name.</summary>
    public Task<bool> AddAsync(string name, byte[] secretHash, CancellationToken ct) => ChangeAsync(
        name,
        (transaction, row) =>
        {
            if (row is not null)
            {
                return null;
            }

            transaction.Db.ResourceServers.Add(
                new ResourceServerRow { Name = name, SecretHash = secretHash, CreatedAt = transaction.Now });
            return "added";
        },
        ct);

    /// <summary>Replaces a secret. False if there is no back end of this name.</summary>
    public Task<bool> ReplaceSecretAsync(string name, byte[] secretHash, CancellationToken ct) => ChangeAsync(
        name,
        (_, row) =>
        {
            if (row is null)
            {
                return null;
            }

            row.SecretHash = secretHash;
            return "has a new secret";
        },
        ct);

    /// <summary>Removes a back end. False if there is none of this name.</summary>
    public Task<bool> RemoveAsync(string name, CancellationToken ct) => ChangeAsync(
        name,
        (transaction, row) =>
        {
            if (row is null)
            {
                return null;
            }

            transaction.Db.ResourceServers.Remove(row);
            return "removed";
        },
        ct);

    // The change returns what it did; null for nothing.
    private Task<bool> ChangeAsync(
        string name, Func<WriteTransaction, ResourceServerRow?, string?> change, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var row = await transaction.Db.ResourceServers.SingleOrDefaultAsync(server => server.Name == name, token);
            if (change(transaction, row) is not { } done)
            {
                return false;
            }

            transaction.Record(
                new SecurityEvent(EventKind.ResourceServersChanged, Client: null) { Detail = $"{name} {done}" });
            await transaction.NotifyAsync(token);
            return true;
        },
        ct);
}
