using System.Runtime.CompilerServices;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A new account, its fields checked.</summary>
internal sealed record NewAccount(
    Username Username, string? Email, string? DisplayName, string PasswordHash, IReadOnlyList<string> Roles);

/// <summary>What checking a password needs to know of an account.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="PasswordHash">The stored hash.</param>
/// <param name="Disabled">Whether the account is disabled.</param>
/// <param name="PersonalWords">What the user goes by, and so must not be a password.</param>
internal sealed record Account(Guid Id, string PasswordHash, bool Disabled, IReadOnlyList<string> PersonalWords);

/// <summary>A verified change of password.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="SessionId">The session that asks for it and stays.</param>
/// <param name="VerifiedHash">The password hash that was verified.</param>
/// <param name="NewHash">The hash that replaces it.</param>
/// <param name="Client">Where it was asked from.</param>
internal sealed record PasswordChange(Guid UserId, Guid SessionId, string VerifiedHash, string NewHash, ClientInfo Client);

/// <summary>Accounts. Each call is one transaction.</summary>
internal sealed class AccountStore(TransactionRunner gate, IStorageProvider database, Func<AuthDbContext> open)
{
    // In seconds: a look at every account, which nobody but the start waits for.
    private const int PatienceWithAll = 60;

    /// <summary>The account of a normalized user name.</summary>
    public Task<Account?> FindAsync(string normalizedUsername, CancellationToken ct) =>
        FindAsync(users => users.Where(u => u.NormalizedUsername == normalizedUsername), ct);

    /// <summary>The account of an id.</summary>
    public Task<Account?> FindAsync(Guid id, CancellationToken ct) => FindAsync(users => users.Where(u => u.Id == id), ct);

    /// <summary>
    /// The stored hash of the highest work factor, which bcrypt writes as two digits after <c>$2a$</c>; null where there is none.
    /// </summary>
    public async Task<string?> FindCostliestHashAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = PatienceWithAll;
        command.CommandText = "SELECT password_hash FROM users ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1";
        return (string?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Adds an account. Null where the name is taken.</summary>
    public Task<Guid?> TryAddAsync(NewAccount account, CancellationToken ct) => gate.RunAsync<Guid?>(async turn =>
    {
        if (await turn.Db.Users.AnyAsync(u => u.NormalizedUsername == account.Username.Normalized))
        {
            return null;
        }

        var user = new UserRow
        {
            Id = Guid.CreateVersion7(turn.Now),
            Username = account.Username.Value,
            NormalizedUsername = account.Username.Normalized,
            Email = account.Email,
            DisplayName = account.DisplayName,
            PasswordHash = account.PasswordHash,
            Roles = [.. account.Roles.Distinct()],
            CreatedAt = turn.Now,
        };
        turn.Db.Users.Add(user);
        return user.Id;
    }, ct);

    /// <summary>Changes a password and ends the user's other sessions.</summary>
    /// <returns>
    /// Done; <see cref="ErrorCode.SessionEnded"/> where the asking session has ended by now; null where the password hash is no
    /// longer the verified one, so that it has to be verified again.
    /// </returns>
    public Task<Outcome<Unit>?> ChangePasswordAsync(PasswordChange change, CancellationToken ct) =>
        gate.RunAsync<Outcome<Unit>?>(async turn =>
        {
            await turn.LockUserAsync(change.UserId);
            var session = await turn.Db.Sessions.Include(s => s.User)
                .SingleOrDefaultAsync(s => s.Id == change.SessionId && s.UserId == change.UserId);
            if (session is not { EndReason: null })
            {
                return new Refusal(ErrorCode.SessionEnded, session?.EndReason ?? EndReason.Expired);
            }

            if (session.User.PasswordHash != change.VerifiedHash)
            {
                return null;
            }

            session.User.PasswordHash = change.NewHash;
            await turn.EndAllAsync(change.UserId, EndReason.PasswordChanged, except: change.SessionId, change.Client);
            return default(Unit);
        }, ct);

    /// <summary>Disables an account, which ends its sessions, or enables it again. False where there is no such account.</summary>
    public Task<bool> SetDisabledAsync(Guid id, bool disabled, CancellationToken ct) => gate.RunAsync(async turn =>
    {
        await turn.LockUserAsync(id);
        if (await turn.Db.Users.SingleOrDefaultAsync(u => u.Id == id) is not { } user)
        {
            return false;
        }

        user.Disabled = disabled;
        if (disabled)
        {
            await turn.EndAllAsync(id, EndReason.Disabled, except: null, cause: null);
        }

        return true;
    }, ct);

    /// <summary>Changes the roles of an account; its tokens follow with the next refresh. False where there is no such account.</summary>
    public Task<bool> ChangeRolesAsync(Guid id, Func<IReadOnlyList<string>, IEnumerable<string>> change, CancellationToken ct) =>
        gate.RunAsync(async turn =>
        {
            await turn.LockUserAsync(id);
            if (await turn.Db.Users.SingleOrDefaultAsync(u => u.Id == id) is not { } user)
            {
                return false;
            }

            user.Roles = [.. change(user.Roles)];
            return true;
        }, ct);

    /// <summary>Sets a password that somebody has forgotten, and ends all sessions of the account. False where there is no such account.</summary>
    public Task<bool> SetPasswordAsync(Guid id, string passwordHash, CancellationToken ct) => gate.RunAsync(async turn =>
    {
        await turn.LockUserAsync(id);
        if (await turn.Db.Users.SingleOrDefaultAsync(u => u.Id == id) is not { } user)
        {
            return false;
        }

        user.PasswordHash = passwordHash;
        await turn.EndAllAsync(id, EndReason.PasswordChanged, except: null, cause: null);
        return true;
    }, ct);

    /// <summary>All accounts, by name.</summary>
    public async IAsyncEnumerable<UserRow> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = open();
        await foreach (var user in db.Users.AsNoTracking().OrderBy(u => u.NormalizedUsername).AsAsyncEnumerable().WithCancellation(ct))
        {
            yield return user;
        }
    }

    private Task<Account?> FindAsync(Func<IQueryable<UserRow>, IQueryable<UserRow>> by, CancellationToken ct) =>
        database.WithTimeoutAsync(ReadAsync(by, ct));

    private async Task<Account?> ReadAsync(Func<IQueryable<UserRow>, IQueryable<UserRow>> by, CancellationToken ct)
    {
        await using var db = open();
        if (await by(db.Users.AsNoTracking()).SingleOrDefaultAsync(ct) is not { } user)
        {
            return null;
        }

        var words = new[] { user.Username, user.Email, user.DisplayName }.OfType<string>();
        return new Account(user.Id, user.PasswordHash, user.Disabled, [.. words]);
    }
}
