using System.Globalization;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>Imports into a database on PostgreSQL that has no accounts.</summary>
internal sealed class PostgresImport(NpgsqlDataSource target, IStorageProvider provider) : IDatabaseImport
{
    private const int BatchSize = 2000;

    internal const string InsertUsers =
        """
        INSERT INTO users (id, username, normalized_username, email, verified_email, display_name, password_hash, security_stamp,
            roles, disabled, created_at, locale, second_factor_required, deleted_at)
        SELECT id, username, normalized_username, email, verified_email, display_name, password_hash, security_stamp,
            ARRAY(SELECT json_array_elements_text(roles::json)), disabled, created_at, locale, second_factor_required, deleted_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            AS u (id, username, normalized_username, email, verified_email, display_name, password_hash, security_stamp, roles,
                disabled, created_at, locale, second_factor_required, deleted_at)
        """;

    internal const string InsertSessions =
        """
        INSERT INTO sessions (id, user_id, generation, newest_presented, created_at, rotated_at, authenticated_at, methods,
            device_name, ip_address, user_agent, ended_at, end_reason)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    public async Task ImportAsync(AuthDbContext source, Action<string> report, CancellationToken ct)
    {
        await using var connection = await target.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // Nodes that use the target already can read, and write when this is over.
        await ExecuteAsync(connection, "LOCK TABLE users, sessions IN EXCLUSIVE MODE", [], ct);
        await using var any = new NpgsqlCommand("SELECT EXISTS (SELECT FROM users)", connection);
        if (await any.ExecuteScalarAsync(ct) is true)
        {
            throw new StartupException("The target has accounts already; copy to a database that has none.");
        }

        await CopyAsync(
            "accounts", source.Users.OrderBy(u => u.Id), (all, last) => all.Where(u => u.Id > last), u => u.Id,
            batch => ExecuteAsync(connection, InsertUsers, ParametersOf(batch), ct), report, ct);
        await CopyAsync(
            "sessions", source.Sessions.OrderBy(s => s.Id), (all, last) => all.Where(s => s.Id > last), s => s.Id,
            batch => ExecuteAsync(connection, InsertSessions, ParametersOf(batch), ct), report, ct);
        await using var rows = provider.CreateContext(connection, transaction);
        await CopyRowsAsync("linked logins", source.ExternalIdentities, rows, report, ct);
        await CopyRowsAsync("mails", source.Mails, rows, report, ct);
        await CopyRowsAsync("authenticator apps", source.Totps, rows, report, ct);
        await CopyRowsAsync("recovery codes", source.RecoveryCodes, rows, report, ct);
        await CopyRowsAsync("passkeys", source.Passkeys, rows, report, ct);
        await CopyRowsAsync("spent tokens", source.SpentTokens, rows, report, ct);
        await CopyRowsAsync("reserved names", source.ReservedNames, rows, report, ct);
        await CopyKeysAsync(connection, source, ct);
        foreach (var server in await source.ResourceServers.AsNoTracking().ToListAsync(ct))
        {
            await ExecuteAsync(
                connection,
                "INSERT INTO resource_servers (name, secret_hash, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                [Value(server.Name), Value(server.SecretHash), Moment(server.CreatedAt)],
                ct);
        }

        try
        {
            await transaction.CommitAsync(ct);
        }
        catch (Exception exception) when (provider.IsCommitOutcomeUnknown(exception))
        {
            throw new UnavailableException("The answer to the commit was lost.", exception) { IsOutcomeUnknown = true };
        }
    }

    private static async Task CopyAsync<T>(
        string what,
        IQueryable<T> all,
        Func<IQueryable<T>, Guid, IQueryable<T>> after,
        Func<T, Guid> idOf,
        Func<IReadOnlyList<T>, Task> writeAsync,
        Action<string> report,
        CancellationToken ct)
        where T : class
    {
        var total = await all.CountAsync(ct);
        var (done, last) = (0, Guid.Empty);
        while (await after(all, last).AsNoTracking().Take(BatchSize).ToListAsync(ct) is { Count: > 0 } batch)
        {
            await writeAsync(batch);
            (done, last) = (done + batch.Count, idOf(batch[^1]));
            report(string.Create(CultureInfo.InvariantCulture, $"{done:#,0} of {total:#,0} {what}"));
        }
    }

    // Of these there are few for each account, and EF Core knows their columns. Each batch in order of the key is one statement.
    private static async Task CopyRowsAsync<T>(
        string what, IQueryable<T> all, AuthDbContext rows, Action<string> report, CancellationToken ct)
        where T : class
    {
        var (total, done) = (await all.CountAsync(ct), 0);
        await foreach (var batch in all.AsNoTracking().AsAsyncEnumerable().Chunk(BatchSize).WithCancellation(ct))
        {
            rows.AddRange(batch);
            await rows.SaveChangesAsync(ct);
            rows.ChangeTracker.Clear();
            done += batch.Length;
            report(string.Create(CultureInfo.InvariantCulture, $"{done:#,0} of {total:#,0} {what}"));
        }
    }

    // A target that a node has used has access keys of its own, under the same root keys.
    private static async Task CopyKeysAsync(NpgsqlConnection connection, AuthDbContext source, CancellationToken ct)
    {
        foreach (var root in await source.RootKeys.AsNoTracking().ToListAsync(ct))
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO root_keys (number, fingerprint, created_with_at, revoked_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING
                """,
                [Value(root.Number), Value(root.Fingerprint), Moment(root.CreatedWithAt), Moment(root.RevokedAt)],
                ct);
            await using var known = new NpgsqlCommand("SELECT fingerprint FROM root_keys WHERE number = $1", connection)
            {
                Parameters = { Value(root.Number) },
            };
            if (!((byte[])(await known.ExecuteScalarAsync(ct))!).SequenceEqual(root.Fingerprint))
            {
                throw new StartupException(
                    $"The target was used with another root key {root.Number}; copy to a database that was not used yet.");
            }
        }

        await using var any = new NpgsqlCommand("SELECT EXISTS (SELECT FROM access_keys)", connection);
        if (await any.ExecuteScalarAsync(ct) is true)
        {
            return;
        }

        foreach (var key in await source.AccessKeys.AsNoTracking().ToListAsync(ct))
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO access_keys (number, algorithm, created_at, signs_from, signs_until, gone_at, sealed)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    Value(key.Number), Value(key.Algorithm), Moment(key.CreatedAt), Moment(key.SignsFrom),
                    Moment(key.SignsUntil), Moment(key.GoneAt), Value(key.Sealed),
                ],
                ct);
        }
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<long?> Moment(DateTimeOffset? moment) =>
        new() { TypedValue = moment?.ToUnixTimeMilliseconds() };

    private static NpgsqlParameter[] ParametersOf(IReadOnlyList<UserRow> users) =>
    [
        In(users, u => u.Id),
        In(users, u => u.Username),
        In(users, u => u.NormalizedUsername),
        In(users, u => u.Email),
        In(users, u => u.VerifiedEmail),
        In(users, u => u.DisplayName),
        In(users, u => u.PasswordHash),
        In(users, u => u.SecurityStamp),
        In(users, u => JsonSerializer.Serialize(u.Roles)),
        In(users, u => u.Disabled),
        In(users, u => u.CreatedAt.ToUnixTimeMilliseconds()),
        In(users, u => u.Locale),
        In(users, u => u.SecondFactorRequired),
        In(users, u => u.DeletedAt?.ToUnixTimeMilliseconds()),
    ];

    private static NpgsqlParameter[] ParametersOf(IReadOnlyList<SessionRow> sessions) =>
    [
        In(sessions, s => s.Id),
        In(sessions, s => s.UserId),
        In(sessions, s => (long)s.Generation),
        In(sessions, s => (long?)s.NewestPresented),
        In(sessions, s => s.CreatedAt.ToUnixTimeMilliseconds()),
        In(sessions, s => s.RotatedAt.ToUnixTimeMilliseconds()),
        In(sessions, s => s.AuthenticatedAt.ToUnixTimeMilliseconds()),
        In(sessions, s => (int)s.Methods),
        In(sessions, s => s.DeviceName),
        In(sessions, s => s.IpAddress),
        In(sessions, s => s.UserAgent),
        In(sessions, s => s.EndedAt?.ToUnixTimeMilliseconds()),
        In(sessions, s => (int?)s.EndReason),
    ];

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlParameter<TValue[]> In<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value) =>
        new() { TypedValue = [.. rows.Select(value)] };
}
