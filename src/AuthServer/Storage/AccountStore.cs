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

/// <summary>A change of password by its user.</summary>
/// <param name="Proof">The proof of the current password.</param>
/// <param name="SessionId">The session that asks for it, which is not ended.</param>
/// <param name="Presented">Generation of that session's refresh token, which is to be replaced; null if none came along.</param>
/// <param name="NewHash">The hash of the new password.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record PasswordChange(
    AuthenticationProof Proof, Guid SessionId, uint? Presented, string NewHash, ClientInfo Client);

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

/// <summary>Result of changing a password: one of the records below.</summary>
internal abstract record ChangePasswordResult
{
    private protected ChangePasswordResult()
    {
    }
}

/// <summary>The password was changed and the user's other sessions have ended.</summary>
/// <param name="Grant">The grant for new tokens of the session that asked; null if no refresh token came along.</param>
/// <param name="Stored">The generation of that session before the change.</param>
/// <param name="SecurityStamp">The new security stamp of the account.</param>
internal sealed record PasswordChanged(SessionGrant? Grant, uint Stored, Guid SecurityStamp) : ChangePasswordResult;

/// <summary>
/// The refresh token that came along is refused. The password was not changed; the session has ended if the decision says so.
/// </summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>.</param>
internal sealed record PasswordTokenRefused(RotationDecision Decision) : ChangePasswordResult;

/// <summary>The session that asks for the change has ended. Nothing was changed.</summary>
/// <param name="Reason">The reason of its end.</param>
internal sealed record AskingSessionEnded(EndReason Reason) : ChangePasswordResult;

/// <summary>Credentials have changed since the proof, so the password has to be checked again. Nothing was changed.</summary>
internal sealed record PasswordProofVoid : ChangePasswordResult;

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
    public Task<ChangePasswordResult> ChangePasswordAsync(PasswordChange change, CancellationToken ct) =>
        ender.RunAsync<ChangePasswordResult>(
            change.Proof.UserId,
            EndReason.PasswordChanged,
            spared: change.SessionId,
            change.Client,
            async (transaction, token) =>
            {
                var user = await transaction.LoadUserAsync(change.Proof.UserId, token);
                var session = (await transaction.LoadAsync([change.SessionId], token)).GetValueOrDefault(change.SessionId);
                if (user is null || session?.Row is not { EndReason: null } row || row.UserId != user.Id)
                {
                    return new AskingSessionEnded(session?.Row.EndReason ?? EndReason.Expired);
                }

                if (user.SecurityStamp != change.Proof.SecurityStamp)
                {
                    return new PasswordProofVoid();
                }

                var stored = row.Generation;
                if (change.Presented is { } presented)
                {
                    var decision = Rotation.DecideReplacement(row.ToState(user.Disabled), presented, transaction.Now, policy);
                    transaction.Apply(session, decision, presented, policy, change.Client);
                    if (decision is not Replace)
                    {
                        return new PasswordTokenRefused(decision);
                    }
                }

                user.ChangePassword(change.NewHash);
                transaction.Record(new SecurityEvent(EventKind.PasswordChanged, change.Client, user.Id) { SessionId = row.Id });
                await transaction.EndAllAsync(user, EndReason.PasswordChanged, except: change.SessionId, change.Client, token);
                var grant = change.Presented is null ? null : row.ToGrant(session.User, transaction.Now, policy);
                return new PasswordChanged(grant, stored, user.SecurityStamp);
            },
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
