using System.Runtime.CompilerServices;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Accounts. Each call is one transaction. If it ends more sessions of a user than one may, batches come first, and the account
/// changes with the last ones.
/// </summary>
internal sealed class AccountStore(
    TransactionRunner runner, SessionEnder ender, IStorageProvider provider, SessionPolicy policy, LoginPolicy logins)
{
    // In seconds. It reads every account, and only the start waits for it.
    private const int FullScanTimeout = 60;

    /// <summary>
    /// Finds the account of a login name in normal form. A verified address comes before a name, so that an account does not hold
    /// an address by its name alone. Without a password it comes after the name, because only passwords need login names.
    /// Null if there is none.
    /// </summary>
    public Task<Account?> FindAsync(string login, CancellationToken ct) => FindAsync(
        db => login.Contains('@', StringComparison.Ordinal)
            ? InUse(db).Where(u => u.VerifiedEmail == login || u.NormalizedUsername == login)
                .OrderByDescending(u => u.VerifiedEmail == login && u.PasswordHash != UserRow.NoPassword)
                .ThenByDescending(u => u.NormalizedUsername == login).Take(1)
            : InUse(db).Where(u => u.NormalizedUsername == login),
        ct);

    /// <summary>Finds the account of an id. Null if there is none.</summary>
    public Task<Account?> FindAsync(Guid id, CancellationToken ct) => FindAsync(db => InUse(db).Where(u => u.Id == id), ct);

    /// <summary>Finds the account that an identity at another provider is linked to. Null if there is none.</summary>
    public Task<Account?> FindAsync(ExternalIdentity identity, CancellationToken ct) => FindAsync(
        db => db.Users.Where(u => db.ExternalIdentities.Any(
            row => row.UserId == u.Id && row.Provider == identity.Provider && row.Subject == identity.Subject)),
        ct);

    /// <summary>True if an account has verified an address, given in normal form.</summary>
    public Task<bool> HasVerifiedAsync(string email, CancellationToken ct) =>
        provider.ReadAsync((db, token) => db.Users.AnyAsync(u => u.VerifiedEmail == email, token), ct);

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

    /// <summary>Adds an account, unless its name, its verified address or its identity is taken.</summary>
    public Task<AddAccountResult> TryAddAsync(NewAccount account, CancellationToken ct) =>
        runner.RunAsync<AddAccountResult>(
            async (transaction, token) =>
            {
                if (await FindConflictAsync(transaction.Db, account, token) is { } conflict)
                {
                    return conflict;
                }

                var user = new UserRow
                {
                    Id = Guid.CreateVersion7(transaction.Now),
                    Username = account.Username.Value,
                    NormalizedUsername = account.Username.Normalized,
                    Email = account.Email,
                    VerifiedEmail = account.VerifiedEmail,
                    DisplayName = account.DisplayName,
                    Locale = account.Locale,
                    PasswordHash = account.PasswordHash ?? UserRow.NoPassword,
                    SecurityStamp = Guid.NewGuid(),
                    Roles = [.. account.Roles.Distinct()],
                    CreatedAt = transaction.Now,
                };
                transaction.Db.Users.Add(user);
                if (account.Identity is { } identity)
                {
                    transaction.Db.ExternalIdentities.Add(ExternalIdentityRow.Of(identity, user.Id, transaction.Now));
                }

                transaction.Record(new SecurityEvent(EventKind.Registered, account.Client, user.Id)
                {
                    Detail = account.Identity?.Provider ?? RolesOf([], user.Roles),
                });
                if (account is { Email: { } email, VerifiedEmail: null })
                {
                    transaction.Send(MailKind.ConfirmEmail, user, email);
                }

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
            async (user, session) =>
            {
                user.ChangePassword(newHash);
                transaction.Notify(MailKind.PasswordChanged, user);
                transaction.Record(new SecurityEvent(EventKind.PasswordChanged, by.Client, user.Id)
                {
                    SessionId = session.Row.Id,
                });
                await transaction.EndAllAsync(
                    user, EndReason.PasswordChanged, except: session.Row.Id, by.Client, token);
                return ChangeResult.Made;
            },
            token),
        ct);

    /// <summary>
    /// Disables an account, which ends its sessions, or enables it again, for an operator at the command line.
    /// </summary>
    /// <param name="id">The account.</param>
    /// <param name="disabled">True to disable it.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <param name="force">True to disable the last administrator too.</param>
    public Task<AccountResult> SetDisabledAsync(Guid id, bool disabled, CancellationToken ct, bool force = false) => ChangeAsync(
        id,
        EndReason.Disabled,
        user => new(disabled ? EventKind.AccountDisabled : EventKind.AccountEnabled, () => user.SetDisabled(disabled))
        {
            Ends = disabled ? _ => true : null,
            EndsAdministration = disabled && !force,
        },
        ct);

    /// <summary>
    /// Changes the roles of an account, for an operator at the command line. Its tokens follow at the next refresh. If a new
    /// one needs a second factor, sessions of one factor end.
    /// </summary>
    /// <param name="id">The account.</param>
    /// <param name="change">The roles after the change, given those before.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <param name="force">True to take the role from the last administrator too.</param>
    public Task<AccountResult> ChangeRolesAsync(
        Guid id, Func<IReadOnlyList<string>, IEnumerable<string>> change, CancellationToken ct, bool force = false)
    {
        return ChangeAsync(id, EndReason.Revoked, Plan, ct);

        OperatorChange Plan(UserRow user)
        {
            List<string> roles = [.. change(user.Roles)];
            var detail = RolesOf(user.Roles, roles);
            return new(detail is null ? null : EventKind.RolesChanged, () => user.Roles = roles)
            {
                Detail = detail,
                Ends = logins.RequiresSecondFactor(roles) && !logins.RequiresSecondFactor(user.Roles)
                    ? session => !session.Methods.HasFlag(AuthenticationMethods.MultiFactor)
                    : null,
                EndsAdministration = !roles.Contains(RoleName.Administrator) && !force,
            };
        }
    }

    /// <summary>
    /// Sets a forgotten password and ends all sessions of the account, for an operator at the command line. False if there is no
    /// such account.
    /// </summary>
    public async Task<bool> SetPasswordAsync(Guid id, string passwordHash, CancellationToken ct) => await ChangeAsync(
        id,
        EndReason.PasswordChanged,
        user => new(EventKind.PasswordSet, () => user.ChangePassword(passwordHash))
        {
            Ends = _ => true,
            Notice = MailKind.PasswordChanged,
        },
        ct) is AccountResult.Changed;

    /// <summary>Lists all accounts, by name.</summary>
    public async IAsyncEnumerable<UserRow> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = provider.CreateContext();
        var users = InUse(db).AsNoTracking().OrderBy(u => u.NormalizedUsername).AsAsyncEnumerable();
        await foreach (var user in users.WithCancellation(ct))
        {
            yield return user;
        }
    }

    private static async Task<AddAccountResult?> FindConflictAsync(AuthDbContext db, NewAccount account, CancellationToken ct) =>
        account.Identity is { } identity && await db.ExternalIdentities.AnyAsync(
            row => row.Provider == identity.Provider && row.Subject == identity.Subject, ct) ? new IdentityInUse()
        : account.VerifiedEmail is { } email && await db.Users.AnyAsync(u => u.VerifiedEmail == email, ct) ? new EmailInUse()
        : await db.IsTakenAsync(account.Username, ct) ? new UsernameInUse()
        : null;

    private static IQueryable<UserRow> InUse(AuthDbContext db) => db.Users.Where(u => u.DeletedAt == null);

    // Roles that were added and removed, such as "+admin -editor". Null if there are none.
    private static string? RolesOf(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var changes = after.Except(before).Select(role => "+" + role).Concat(before.Except(after).Select(role => "-" + role));
        return string.Join(' ', changes) is { Length: > 0 } text ? text : null;
    }

    private Task<AccountResult> ChangeAsync(
        Guid id, EndReason reason, Func<UserRow, OperatorChange> plan, CancellationToken ct) => ender.RunAsync(
        id,
        reason,
        spared: null,
        ClientInfo.CommandLine,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(id, token) is not { } user)
            {
                return AccountResult.Void;
            }

            var change = plan(user);
            if (change.EndsAdministration && await transaction.IsLastAdministratorAsync(user, token))
            {
                return AccountResult.LastAdministrator;
            }

            change.Apply();
            if (change.Kind is { } kind)
            {
                transaction.Record(new SecurityEvent(kind, ClientInfo.CommandLine, id) { Detail = change.Detail });
            }

            if (change.Notice is { } notice)
            {
                transaction.Notify(notice, user);
            }

            if (change.Ends is { } ends)
            {
                await transaction.EndAllAsync(user, reason, except: null, ClientInfo.CommandLine, token, ends);
            }

            return AccountResult.Changed;
        },
        ct);

    private Task<Account?> FindAsync(Func<AuthDbContext, IQueryable<UserRow>> by, CancellationToken ct) => provider.ReadAsync(
        async (db, token) => (await by(db).AsNoTracking().SingleOrDefaultAsync(token))?.ToAccount(), ct);

    /// <summary>A change of an account by an operator.</summary>
    /// <param name="Kind">Its event; null if nothing changes.</param>
    /// <param name="Apply">Changes the account.</param>
    private sealed record OperatorChange(EventKind? Kind, Action Apply)
    {
        /// <summary>The detail of the event.</summary>
        public string? Detail { get; init; }

        /// <summary>The sessions that end; null for none.</summary>
        public Predicate<SessionRow>? Ends { get; init; }

        /// <summary>True if the account is no administrator afterwards, and one has to be left.</summary>
        public bool EndsAdministration { get; init; }

        /// <summary>The mail to the user; null for none.</summary>
        public MailKind? Notice { get; init; }
    }
}
