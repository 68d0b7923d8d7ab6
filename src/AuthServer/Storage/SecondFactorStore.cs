using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a change of second factors. Nothing was changed unless it says so.</summary>
internal enum FactorResult
{
    /// <summary>The change was made.</summary>
    Changed,

    /// <summary>The account has no such factor, or none to rely on.</summary>
    NotFound,

    /// <summary>The account has an authenticator app already.</summary>
    Exists,

    /// <summary>The session has ended, its handle is old, or credentials have changed meanwhile.</summary>
    Void,
}

/// <summary>Outcome of a change of second factors.</summary>
/// <param name="Result">The result.</param>
/// <param name="Grant">The grant for a new handle of the session; null unless one was replaced.</param>
/// <param name="HasNewCodes">True if recovery codes were added.</param>
internal readonly record struct FactorOutcome(FactorResult Result, SessionGrant? Grant = null, bool HasNewCodes = false)
{
    public static implicit operator FactorOutcome(FactorResult result) => new(result);
}

/// <summary>An authenticator app whose first code was right.</summary>
/// <param name="Pending">The app as it was read.</param>
/// <param name="Step">The time step of the code.</param>
/// <param name="Codes">Recovery codes, which are stored if the account has none.</param>
internal sealed record ConfirmedTotp(TotpRow Pending, long Step, IReadOnlyList<NewRecoveryCode> Codes)
{
    /// <summary>Checks that the app is still there and not confirmed.</summary>
    public async Task<FactorResult> CheckAsync(AuthDbContext db, CancellationToken ct) =>
        await db.Totps.AnyAsync(
            totp => totp.UserId == Pending.UserId && totp.ConfirmedAt == null && totp.Sealed == Pending.Sealed, ct)
                ? FactorResult.Changed
                : FactorResult.Void;
}

/// <summary>
/// Second factors of accounts. Each change makes proofs from before void, ends the user's other sessions, and is an event and a
/// mail. Safe to share.
/// </summary>
internal sealed class SecondFactorStore(
    TransactionRunner runner, SessionEnder ender, IStorageProvider provider, SessionPolicy policy)
{
    /// <summary>Time within which the first code of an authenticator app has to be given.</summary>
    public static readonly TimeSpan SetupTime = TimeSpan.FromHours(1);

    private const string Totp = "TOTP";
    private const string Codes = "Recovery codes";
    private const string TwoSteps = "Two-step login";

    /// <summary>Reads the factors of an account. Null if there is no such account.</summary>
    public Task<FactorOverview?> ReadAsync(Guid userId, CancellationToken ct) =>
        provider.ReadAsync((db, token) => db.ReadFactorsAsync(userId, token), ct);

    /// <summary>Finds the kinds of factors that an account has.</summary>
    public Task<FactorKinds> FindAsync(Guid userId, CancellationToken ct) =>
        provider.ReadAsync((db, token) => db.FindFactorsAsync(userId, token), ct);

    /// <summary>Finds the authenticator app of an account, which may not be confirmed yet. Null if there is none.</summary>
    public Task<TotpRow?> FindTotpAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Totps.AsNoTracking().SingleOrDefaultAsync(totp => totp.UserId == userId, token), ct);

    /// <summary>Lists the recovery codes of an account that were not used.</summary>
    public Task<List<RecoveryCodeRow>> ListCodesAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.RecoveryCodes.AsNoTracking().Where(code => code.UserId == userId).ToListAsync(token), ct);

    /// <summary>True if a challenge still counts for its account.</summary>
    public Task<bool> CountsAsync(SecondFactorChallenge challenge, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Users.AnyAsync(
            u => u.Id == challenge.UserId && !u.Disabled && u.SecurityStamp == challenge.SecurityStamp, token),
        ct);

    /// <summary>Stores the secret of an authenticator app that does not count yet, in place of one from before.</summary>
    /// <returns>The result, and the name of the account.</returns>
    public Task<(FactorResult Result, string Username)> BeginTotpAsync(
        Guid userId, SealedFactor secret, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(userId, token) is not { Disabled: false } user)
            {
                return (FactorResult.Void, "");
            }

            var totps = transaction.Db.Totps;
            if (await totps.AnyAsync(totp => totp.UserId == userId && totp.ConfirmedAt != null, token))
            {
                return (FactorResult.Exists, user.Username);
            }

            await totps.Where(totp => totp.UserId == userId).ExecuteDeleteAsync(token);
            totps.Add(new TotpRow
            {
                UserId = userId,
                Sealed = secret.Value,
                RootKey = secret.RootKey,
                CreatedAt = transaction.Now,
            });
            return (FactorResult.Changed, user.Username);
        },
        ct);

    /// <summary>Makes an authenticator app count. Logins need a second factor then.</summary>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="confirmed">The app, with its first code.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<FactorOutcome> ConfirmTotpAsync(
        CredentialChange by, ConfirmedTotp confirmed, CancellationToken ct) => ChangeAsync(
        by,
        (db, _, token) => confirmed.CheckAsync(db, token),
        (transaction, user, token) => ConfirmAsync(transaction, user, by.Client, confirmed, token),
        ct);

    /// <summary>Makes an authenticator app count that a login has to set up, and ends all sessions of the user.</summary>
    /// <param name="challenge">The challenge of the login. It is void afterwards, as all proofs from before.</param>
    /// <param name="confirmed">The app, with its first code.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<FactorOutcome> SetUpTotpAsync(
        SecondFactorChallenge challenge, ConfirmedTotp confirmed, ClientInfo client, CancellationToken ct) => ender.RunAsync(
        challenge.UserId,
        EndReason.Revoked,
        spared: null,
        client,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(challenge.UserId, token) is not { Disabled: false } user
                || user.SecurityStamp != challenge.SecurityStamp
                || await confirmed.CheckAsync(transaction.Db, token) != FactorResult.Changed)
            {
                return FactorResult.Void;
            }

            var hasNewCodes = await ConfirmAsync(transaction, user, client, confirmed, token);
            user.ChangeCredentials();
            await transaction.EndAllAsync(user, EndReason.Revoked, except: null, client, token);
            return new FactorOutcome(FactorResult.Changed, HasNewCodes: hasNewCodes);
        },
        ct);

    /// <summary>Removes the authenticator app of an account.</summary>
    public Task<FactorOutcome> RemoveTotpAsync(CredentialChange by, CancellationToken ct) => ChangeAsync(
        by,
        async (db, user, token) => (await db.FindFactorsAsync(user.Id, token)).HasFlag(FactorKinds.Totp)
            ? FactorResult.Changed
            : FactorResult.NotFound,
        async (transaction, user, token) =>
        {
            await transaction.Db.Totps.Where(totp => totp.UserId == user.Id).ExecuteDeleteAsync(token);
            await transaction.RemoveFactorRestAsync(user, removed: null, token);
            Record(transaction, user, by.Client, EventKind.SecondFactorRemoved, MailKind.FactorRemoved, Totp);
            return false;
        },
        ct);

    /// <summary>Switches on or off whether logins need a second factor. On needs one to rely on.</summary>
    public Task<FactorOutcome> SwitchAsync(CredentialChange by, bool required, CancellationToken ct) => ChangeAsync(
        by,
        async (db, user, token) => !required || (await db.FindFactorsAsync(user.Id, token)).AreReliable()
            ? FactorResult.Changed
            : FactorResult.NotFound,
        (transaction, user, _) =>
        {
            user.SecondFactorRequired = required;
            var mail = required ? MailKind.FactorAdded : MailKind.FactorRemoved;
            Record(transaction, user, by.Client, EventKind.SecondFactorSwitched, mail, TwoSteps);
            return Task.FromResult(false);
        },
        ct);

    /// <summary>Replaces the recovery codes of an account that has a factor to rely on.</summary>
    public Task<FactorOutcome> ReplaceCodesAsync(
        CredentialChange by, IReadOnlyList<NewRecoveryCode> codes, CancellationToken ct) => ChangeAsync(
        by,
        async (db, user, token) =>
            (await db.FindFactorsAsync(user.Id, token)).AreReliable() ? FactorResult.Changed : FactorResult.NotFound,
        async (transaction, user, token) =>
        {
            await transaction.Db.RecoveryCodes.Where(code => code.UserId == user.Id).ExecuteDeleteAsync(token);
            Record(transaction, user, by.Client, EventKind.RecoveryCodesReplaced, MailKind.FactorAdded, Codes);
            return await transaction.AddFirstCodesAsync(user.Id, codes, token);
        },
        ct);

    /// <summary>
    /// Removes the second factors of an account and ends its sessions, for an operator. Passkeys stay if nothing else is left to
    /// log in with. False if there is no such account.
    /// </summary>
    public Task<bool> RemoveAllAsync(Guid userId, CancellationToken ct) => ender.RunAsync(
        userId,
        EndReason.Revoked,
        spared: null,
        ClientInfo.CommandLine,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(userId, token) is not { } user)
            {
                return false;
            }

            await transaction.Db.Totps.Where(totp => totp.UserId == userId).ExecuteDeleteAsync(token);
            await transaction.Db.RecoveryCodes.Where(code => code.UserId == userId).ExecuteDeleteAsync(token);
            if (user.HasPassword || user.VerifiedEmail is not null)
            {
                await transaction.Db.Passkeys.Where(passkey => passkey.UserId == userId).ExecuteDeleteAsync(token);
            }

            user.SecondFactorRequired = false;
            user.ChangeCredentials();
            Record(transaction, user, ClientInfo.CommandLine, EventKind.SecondFactorRemoved, MailKind.FactorRemoved, TwoSteps);
            await transaction.EndAllAsync(user, EndReason.Revoked, except: null, ClientInfo.CommandLine, token);
            return true;
        },
        ct);

    // True if it has recovery codes now that it had not before.
    private static async Task<bool> ConfirmAsync(
        WriteTransaction transaction, UserRow user, ClientInfo client, ConfirmedTotp confirmed, CancellationToken ct)
    {
        await transaction.Db.Totps.Where(totp => totp.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(totp => totp.ConfirmedAt, transaction.Now).SetProperty(totp => totp.LastStep, confirmed.Step),
            ct);
        user.SecondFactorRequired = true;
        Record(transaction, user, client, EventKind.SecondFactorAdded, MailKind.FactorAdded, Totp);
        return await transaction.AddFirstCodesAsync(user.Id, confirmed.Codes, ct);
    }

    private static void Record(
        WriteTransaction transaction, UserRow user, ClientInfo client, EventKind kind, MailKind mail, string factor)
    {
        var isOn = user.SecondFactorRequired ? "on" : "off";
        transaction.Record(new SecurityEvent(kind, client, user.Id)
        {
            Detail = kind == EventKind.SecondFactorSwitched ? isOn : factor,
        });
        transaction.Notify(mail, user, factor);
    }

    // Checked before the handle of the session is replaced, which a refusal must not do.
    private Task<FactorOutcome> ChangeAsync(
        CredentialChange by,
        Func<AuthDbContext, UserRow, CancellationToken, Task<FactorResult>> checkAsync,
        Func<WriteTransaction, UserRow, CancellationToken, Task<bool>> changeAsync,
        CancellationToken ct) => ender.RunAsync<FactorOutcome>(
        by.UserId,
        EndReason.Revoked,
        spared: by.SessionId,
        by.Client,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(by.UserId, token) is not { } owner)
            {
                return FactorResult.Void;
            }

            if (await checkAsync(transaction.Db, owner, token) is not FactorResult.Changed and var refused)
            {
                return refused;
            }

            var hasNewCodes = false;
            var result = await by.ProofOf(owner.SecurityStamp).UseAsync(
                transaction,
                policy,
                async (user, _) =>
                {
                    hasNewCodes = await changeAsync(transaction, user, token);
                    user.ChangeCredentials();
                    await transaction.EndAllAsync(user, EndReason.Revoked, except: by.SessionId, by.Client, token);
                },
                token);
            return result is SessionProofUsed used
                ? new FactorOutcome(FactorResult.Changed, used.Grant, hasNewCodes)
                : FactorResult.Void;
        },
        ct);
}
