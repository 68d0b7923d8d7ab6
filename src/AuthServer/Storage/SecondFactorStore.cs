using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>An authenticator app whose first code was right.</summary>
/// <param name="Pending">The app as it was read.</param>
/// <param name="Step">The time step of the code.</param>
/// <param name="Codes">Recovery codes, which are stored if the account has none.</param>
internal sealed record ConfirmedTotp(TotpRow Pending, long Step, IReadOnlyList<NewRecoveryCode> Codes)
{
    /// <summary>True if the app is still there and not confirmed.</summary>
    public Task<bool> IsPendingAsync(AuthDbContext db, CancellationToken ct) => db.Totps.AnyAsync(
        totp => totp.UserId == Pending.UserId && totp.ConfirmedAt == null && totp.Sealed == Pending.Sealed, ct);
}

/// <summary>
/// Second factors of accounts. Each change makes proofs from before void, ends the user's other sessions, and is an event and a
/// mail. Safe to share.
/// </summary>
internal sealed class SecondFactorStore(
    TransactionRunner runner, SessionEnder ender, CredentialChanger changer, IStorageProvider provider)
{
    /// <summary>Time within which the first code of an authenticator app has to be given.</summary>
    public static readonly TimeSpan SetupTime = TimeSpan.FromHours(1);

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
    /// <returns>The reason if it was not stored, and the name of the account.</returns>
    public Task<(ChangeRefusal? Refusal, string Username)> BeginTotpAsync(
        Guid userId, SealedFactor secret, CancellationToken ct) => runner.RunAsync<(ChangeRefusal?, string)>(
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(userId, token) is not { Disabled: false } user)
            {
                return (ChangeRefusal.NotFound, "");
            }

            var totps = transaction.Db.Totps;
            if (await totps.AnyAsync(totp => totp.UserId == userId && totp.ConfirmedAt != null, token))
            {
                return (ChangeRefusal.Exists, user.Username);
            }

            await totps.Where(totp => totp.UserId == userId).ExecuteDeleteAsync(token);
            totps.Add(new TotpRow
            {
                UserId = userId,
                Sealed = secret.Value,
                RootKey = secret.RootKey,
                CreatedAt = transaction.Now,
            });
            return (null, user.Username);
        },
        ct);

    /// <summary>Makes an authenticator app count. Logins need a second factor then.</summary>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="confirmed">The app, with its first code.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> ConfirmTotpAsync(CredentialChange by, ConfirmedTotp confirmed, CancellationToken ct) =>
        changer.RunAsync(
            by, (transaction, user, token) => ConfirmAsync(transaction, user, by.Client, confirmed, token), ct);

    /// <summary>Makes an authenticator app count that a login has to set up, and ends all sessions of the user.</summary>
    /// <param name="challenge">The challenge of the login. It is void afterwards, as all proofs from before.</param>
    /// <param name="confirmed">The app, with its first code.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<ChangeResult> SetUpTotpAsync(
        SecondFactorChallenge challenge, ConfirmedTotp confirmed, ClientInfo client, CancellationToken ct) => ender.RunAsync(
        challenge.UserId,
        EndReason.Revoked,
        spared: null,
        client,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(challenge.UserId, token) is not { Disabled: false } user
                || user.SecurityStamp != challenge.SecurityStamp)
            {
                return ChangeRefusal.Spent;
            }

            var result = await ConfirmAsync(transaction, user, client, confirmed, token);
            if (result.Refusal is null)
            {
                user.ChangeCredentials();
                await transaction.EndAllAsync(user, EndReason.Revoked, except: null, client, token);
            }

            return result;
        },
        ct);

    /// <summary>Removes the authenticator app of an account.</summary>
    public Task<SessionProofResult> RemoveTotpAsync(CredentialChange by, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            if (!(await transaction.Db.FindFactorsAsync(user.Id, token)).HasFlag(FactorKinds.Totp))
            {
                return ChangeRefusal.NotFound;
            }

            await transaction.Db.Totps.Where(totp => totp.UserId == user.Id).ExecuteDeleteAsync(token);
            await transaction.RemoveFactorRestAsync(user, removed: null, token);
            Record(transaction, user, by.Client, EventKind.SecondFactorRemoved, MailKind.FactorRemoved, CredentialName.Totp);
            return ChangeResult.Made;
        },
        ct);

    /// <summary>Switches on or off whether logins need a second factor. On needs one to rely on.</summary>
    public Task<SessionProofResult> SwitchAsync(CredentialChange by, bool required, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            if (required && !(await transaction.Db.FindFactorsAsync(user.Id, token)).AreReliable())
            {
                return ChangeRefusal.NotFound;
            }

            user.SecondFactorRequired = required;
            var mail = required ? MailKind.FactorAdded : MailKind.FactorRemoved;
            Record(transaction, user, by.Client, EventKind.SecondFactorSwitched, mail, CredentialName.TwoSteps);
            return ChangeResult.Made;
        },
        ct);

    /// <summary>Replaces the recovery codes of an account that has a factor to rely on.</summary>
    public Task<SessionProofResult> ReplaceCodesAsync(
        CredentialChange by, IReadOnlyList<NewRecoveryCode> codes, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            if (!(await transaction.Db.FindFactorsAsync(user.Id, token)).AreReliable())
            {
                return ChangeRefusal.NotFound;
            }

            await transaction.Db.RecoveryCodes.Where(code => code.UserId == user.Id).ExecuteDeleteAsync(token);
            const string Credential = CredentialName.RecoveryCodes;
            Record(transaction, user, by.Client, EventKind.RecoveryCodesReplaced, MailKind.FactorAdded, Credential);
            return ChangeResult.Made with { HasNewCodes = await transaction.AddFirstCodesAsync(user.Id, codes, token) };
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
            var client = ClientInfo.CommandLine;
            Record(transaction, user, client, EventKind.SecondFactorRemoved, MailKind.FactorRemoved, CredentialName.TwoSteps);
            await transaction.EndAllAsync(user, EndReason.Revoked, except: null, client, token);
            return true;
        },
        ct);

    private static async Task<ChangeResult> ConfirmAsync(
        WriteTransaction transaction, UserRow user, ClientInfo client, ConfirmedTotp confirmed, CancellationToken ct)
    {
        if (!await confirmed.IsPendingAsync(transaction.Db, ct))
        {
            return ChangeRefusal.Spent;
        }

        await transaction.Db.Totps.Where(totp => totp.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(totp => totp.ConfirmedAt, transaction.Now).SetProperty(totp => totp.LastStep, confirmed.Step),
            ct);
        user.SecondFactorRequired = true;
        Record(transaction, user, client, EventKind.SecondFactorAdded, MailKind.FactorAdded, CredentialName.Totp);
        return ChangeResult.Made with { HasNewCodes = await transaction.AddFirstCodesAsync(user.Id, confirmed.Codes, ct) };
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
}
