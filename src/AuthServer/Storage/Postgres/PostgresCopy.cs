using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// Copies accounts and sessions into a database on PostgreSQL, by the batch, each in one statement. What is there already stays as it is, so a
/// copy that was interrupted can be run again.
/// </summary>
/// <param name="target">The database.</param>
/// <param name="report">Told now and then how far it is.</param>
internal sealed class PostgresCopy(NpgsqlDataSource target, Action<string> report)
{
    private const int BatchSize = 2000;

    private const string InsertUsers =
        """
        INSERT INTO users (id, username, normalized_username, email, display_name, password_hash, roles, disabled, created_at)
        SELECT id, username, normalized_username, email, display_name, password_hash,
            ARRAY(SELECT json_array_elements_text(roles::json)), disabled, created_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            AS u (id, username, normalized_username, email, display_name, password_hash, roles, disabled, created_at)
        ON CONFLICT (id) DO NOTHING
        """;

    private const string InsertSessions =
        """
        INSERT INTO sessions (id, user_id, generation, created_at, rotated_at, device_name, ip_address, user_agent, ended_at, end_reason)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (id) DO NOTHING
        """;

    /// <exception cref="StartupException">The target has an account of the same name that is another one.</exception>
    public async Task RunAsync(AuthDbContext source, CancellationToken ct)
    {
        try
        {
            await CopyAsync("accounts", source.Users.OrderBy(u => u.Id), (users, last) => users.Where(u => u.Id > last), u => u.Id, WriteAsync, ct);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new StartupException("The target has accounts that are not from this file, one with a name that is in use here; copy to a database of its own.");
        }

        await CopyAsync("sessions", source.Sessions.OrderBy(s => s.Id), (sessions, last) => sessions.Where(s => s.Id > last), s => s.Id, WriteAsync, ct);
    }

    private async Task CopyAsync<T>(
        string what,
        IQueryable<T> all,
        Func<IQueryable<T>, Guid, IQueryable<T>> after,
        Func<T, Guid> idOf,
        Func<IReadOnlyList<T>, CancellationToken, Task> writeAsync,
        CancellationToken ct)
        where T : class
    {
        var total = await all.CountAsync(ct);
        var (done, last) = (0, Guid.Empty);
        while (await after(all, last).AsNoTracking().Take(BatchSize).ToListAsync(ct) is { Count: > 0 } batch)
        {
            await writeAsync(batch, ct);
            (done, last) = (done + batch.Count, idOf(batch[^1]));
            report(string.Create(CultureInfo.InvariantCulture, $"{done:#,0} of {total:#,0} {what}"));
        }
    }

    private Task WriteAsync(IReadOnlyList<UserRow> users, CancellationToken ct) => ExecuteAsync(
        InsertUsers,
        [
            In(users, u => u.Id), In(users, u => u.Username), In(users, u => u.NormalizedUsername), In(users, u => u.Email),
            In(users, u => u.DisplayName), In(users, u => u.PasswordHash), In(users, u => JsonSerializer.Serialize(u.Roles)),
            In(users, u => u.Disabled), In(users, u => u.CreatedAt.ToUnixTimeMilliseconds()),
        ],
        ct);

    private Task WriteAsync(IReadOnlyList<SessionRow> sessions, CancellationToken ct) => ExecuteAsync(
        InsertSessions,
        [
            In(sessions, s => s.Id), In(sessions, s => s.UserId), In(sessions, s => (long)s.Generation),
            In(sessions, s => s.CreatedAt.ToUnixTimeMilliseconds()), In(sessions, s => s.RotatedAt.ToUnixTimeMilliseconds()),
            In(sessions, s => s.DeviceName), In(sessions, s => s.IpAddress), In(sessions, s => s.UserAgent),
            In(sessions, s => s.EndedAt?.ToUnixTimeMilliseconds()), In(sessions, s => (int?)s.EndReason),
        ],
        ct);

    private async Task ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        await using var connection = await target.OpenConnectionAsync(ct);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the two constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlParameter<TValue[]> In<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value) => new() { TypedValue = [.. rows.Select(value)] };
}
