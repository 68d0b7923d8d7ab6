using System.Runtime.CompilerServices;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A new account, its fields checked.</summary>
internal sealed record NewAccount(
    Username Username,
    string? Email,
    string? DisplayName,
    string PasswordHash,
    IReadOnlyList<string> Roles,
    ClientInfo Client);

/// <summary>An account as a password is checked against it.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="NormalizedUsername">The name that failed logins are counted by.</param>
/// <param name="PasswordHash">The stored hash.</param>
/// <param name="SecurityStamp">The security stamp.</param>
/// <param name="Disabled">True if the account is disabled.</param>
/// <param name="PersonalWords">Names and addresses of the user, which must not be a password.</param>
internal sealed record Account(
    Guid Id,
    string NormalizedUsername,
    string PasswordHash,
    Guid SecurityStamp,
    bool Disabled,
    IReadOnlyList<string> PersonalWords);

/// <summary>Result of adding an account: one of the records below.</summary>
internal abstract record AddAccountResult
{
    private protected AddAccountResult()
    {
    }
}

/// <summary>The account was added.</summary>
/// <param name="Id">The user's id.</param>
internal sealed record AccountAdded(Guid Id) : AddAccountResult;

/// <summary>Another account has the name. Nothing was changed.</summary>
internal sealed record UsernameInUse : AddAccountResult;

/// <summary>
/// Accounts. Each call is one transaction. If it ends more sessions of a user than one may, batches come first, and the account
/// changes with the last ones.
/// </summary>
internal sealed class AccountStore(
    TransactionRunner runner, SessionEnder ender, IStorageProvider provider, SessionPolicy policy)
{
    // In seconds. It reads every account, and only the start waits for it.
    private const int FullScanTimeout = 60;

    /// <summary>Finds the account of a normalized user name. Null if there is none.</summary>
    public Task<Account?> FindAsync(string normalizedUsername, CancellationToken ct) =>
        FindAsync(users => users.Where(u => u.NormalizedUsername == normalizedUsername), ct);

    /// <summary>Finds the account of an id. Null if there is none.</summary>
    public Task<Account?> FindAsync(Guid id, CancellationToken ct) => FindAsync(users => users.Where(u => u.Id == id), ct);

    /// <summary>
    /// Finds the stored hash of the highest work factor, which bcrypt writes as two digits after <c>$2a$</c>. Null if there are
    /// no accounts.
    /// </summary>
    public async Task<string?> FindCostliestHashAsync(CancellationToken ct)
    {
        await using var connection = await provider.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = FullScanTimeout;
        command.CommandText = "SELECT password_hash FROM users ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1";
        return (string?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Adds an account, unless its name is taken.</summary>
    public Task<AddAccountResult> TryAddAsync(NewAccount account, CancellationToken ct) =>
        runner.RunAsync<AddAccountResult>(
            async (transaction, token) =>
            {
                if (await transaction.Db.Users.AnyAsync(u => u.NormalizedUsername == account.Username.Normalized, token))
                {
                    return new UsernameInUse();
                }

                var user = new UserRow
                {
                    Id = Guid.CreateVersion7(transaction.Now),
                    Username = account.Username.Value,
                    NormalizedUsername = account.Username.Normalized,
                    Email = account.Email,
                    DisplayName = account.DisplayName,
                    PasswordHash = account.PasswordHash,
                    SecurityStamp = Guid.NewGuid(),
                    Roles = [.. account.Roles.Distinct()],
                    CreatedAt = transaction.Now,
                };
                transaction.Db.Users.Add(user);
                transaction.Record(new SecurityEvent(EventKind.Registered, account.Client, user.Id)
                {
                    Detail = RolesOf([], user.Roles),
                });
                return new AccountAdded(user.Id);
            },
            ct);

    /// <summary>
    /// Changes a password, ends the user's other sessions, and replaces the tokens of the session that asks if it presents one.
    /// </summary>
    /// <param name="by">The proof of the current password.</param>
    /// <param name="newHash">The hash of the new password.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> ChangePasswordAsync(SessionProof by, string newHash, CancellationToken ct) => ender.RunAsync(
        by.Proof.UserId,
        EndReason.PasswordChanged,
        spared: by.SessionId,
        by.Client,
        (transaction, token) => by.UseAsync(
            transaction,
            policy,
            (user, session) =>
            {
                user.ChangePassword(newHash);
                transaction.Record(new SecurityEvent(EventKind.PasswordChanged, by.Client, user.Id)
                {
                    SessionId = session.Row.Id,
                });
                return transaction.EndAllAsync(
                    user, EndReason.PasswordChanged, except: session.Row.Id, by.Client, token);
            },
            token),
        ct);

    /// <summary>
    /// Disables an account, which ends its sessions, or enables it again, for an operator at the command line. False if there is
    /// no such account.
    /// </summary>
    public Task<bool> SetDisabledAsync(Guid id, bool disabled, CancellationToken ct) => ChangeAsync(
        id,
        user =>
        {
            user.SetDisabled(disabled);
            return ByOperator(disabled ? EventKind.AccountDisabled : EventKind.AccountEnabled, user);
        },
        ends: disabled ? EndReason.Disabled : null,
        ct);

    /// <summary>
    /// Changes the roles of an account, for an operator at the command line. Its tokens follow at the next refresh. False if
    /// there is no such account.
    /// </summary>
    public Task<bool> ChangeRolesAsync(Guid id, Func<IReadOnlyList<string>, IEnumerable<string>> change, CancellationToken ct) =>
        ChangeAsync(
            id,
            user =>
            {
                var before = user.Roles;
                user.Roles = [.. change(before)];
                return RolesOf(before, user.Roles) is { } detail
                    ? ByOperator(EventKind.RolesChanged, user) with { Detail = detail }
                    : null;
            },
            ends: null,
            ct);

    /// <summary>
    /// Sets a forgotten password and ends all sessions of the account, for an operator at the command line. False if there is no
    /// such account.
    /// </summary>
    public Task<bool> SetPasswordAsync(Guid id, string passwordHash, CancellationToken ct) => ChangeAsync(
        id,
        user =>
        {
            user.ChangePassword(passwordHash);
            return ByOperator(EventKind.PasswordSet, user);
        },
        EndReason.PasswordChanged,
        ct);

    /// <summary>Lists all accounts, by name.</summary>
    public async IAsyncEnumerable<UserRow> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = provider.CreateContext();
        var users = db.Users.AsNoTracking().OrderBy(u => u.NormalizedUsername).AsAsyncEnumerable();
        await foreach (var user in users.WithCancellation(ct))
        {
            yield return user;
        }
    }

    private static SecurityEvent ByOperator(EventKind kind, UserRow user) => new(kind, ClientInfo.CommandLine, user.Id);

    // Roles that were added and removed, such as "+admin -editor". Null if there are none.
    private static string? RolesOf(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var changes = after.Except(before).Select(role => "+" + role).Concat(before.Except(after).Select(role => "-" + role));
        return string.Join(' ', changes) is { Length: > 0 } text ? text : null;
    }

    // Records the event of the change. With a reason all sessions of the account end in the same transaction.
    private Task<bool> ChangeAsync(Guid id, Func<UserRow, SecurityEvent?> change, EndReason? ends, CancellationToken ct)
    {
        return ends is { } reason
            ? ender.RunAsync(id, reason, spared: null, ClientInfo.CommandLine, ChangeOnceAsync, ct)
            : runner.RunAsync(ChangeOnceAsync, ct);

        async Task<bool> ChangeOnceAsync(WriteTransaction transaction, CancellationToken token)
        {
            if (await transaction.LoadUserAsync(id, token) is not { } user)
            {
                return false;
            }

            if (change(user) is { } changed)
            {
                transaction.Record(changed);
            }

            if (ends is { } reason)
            {
                await transaction.EndAllAsync(user, reason, except: null, ClientInfo.CommandLine, token);
            }

            return true;
        }
    }

    private Task<Account?> FindAsync(Func<IQueryable<UserRow>, IQueryable<UserRow>> by, CancellationToken ct) =>
        provider.ReadAsync(
            async (db, token) => (await by(db.Users.AsNoTracking()).SingleOrDefaultAsync(token))?.ToAccount(), ct);
}
