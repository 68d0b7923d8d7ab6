using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A session to open by a proof.</summary>
/// <param name="Proof">The proof; the session opens only while its stamp is still the account's.</param>
/// <param name="Rehash">Replacement for the password hash that was checked; null to leave it.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="Client">The origin of the login.</param>
/// <param name="Replaces">The session that this one takes the place of, of any user; null if there is none.</param>
internal sealed record NewSession(
    AuthenticationProof Proof, PasswordRehash? Rehash, string? DeviceName, ClientInfo Client, Guid? Replaces = null)
{
    /// <summary>Links, codes and challenges that the proof uses up.</summary>
    public IReadOnlyList<ProofUse> Uses { get; init; } = [];

    /// <summary>True if the device has not logged in to the account before, of which the user is notified.</summary>
    public bool IsNewDevice { get; init; }
}

/// <summary>The same password hashed again, at the configured work factor.</summary>
/// <param name="Old">The hash that it replaces.</param>
/// <param name="New">The new hash.</param>
internal sealed record PasswordRehash(string Old, string New);

/// <summary>Result of opening a session: one of the records below.</summary>
internal abstract record OpenSessionResult
{
    private protected OpenSessionResult()
    {
    }
}

/// <summary>The session is open.</summary>
/// <param name="Grant">The grant for its first tokens.</param>
internal sealed record SessionOpened(SessionGrant Grant) : OpenSessionResult;

/// <summary>The login is refused. No session was changed.</summary>
/// <param name="Code">The reason for the client.</param>
/// <param name="Factors">The second factors of the account, if one is required.</param>
internal sealed record SessionRefused(ErrorCode Code, FactorKinds Factors = FactorKinds.None) : OpenSessionResult;

/// <summary>The proof is void, so the identity has to be proved again. Nothing was changed.</summary>
internal sealed record LoginProofVoid : OpenSessionResult;

/// <summary>Opens sessions, writes newer proofs of their users, and ends all of a user.</summary>
internal sealed class SessionStore(
    TransactionRunner runner,
    SessionEnder ender,
    SessionLister lister,
    SessionPolicy policy,
    LoginPolicy logins,
    TimeProvider clock)
{
    // Notices of new devices in a day.
    private const int MaxDeviceNotices = 20;

    // Of a user whose sessions are limited: those that may stay, and those that a login may end.
    private int MaxLoaded => policy.MaxPerUser + WriteTransaction.MaxEnds;

    /// <summary>Opens a session, as <see cref="LoginDecision"/> decides, and ends those that it replaces or displaces.</summary>
    public Task<OpenSessionResult> OpenAsync(NewSession login, CancellationToken ct) => ender.RunAsync<OpenSessionResult>(
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(login.Proof.UserId, token) is not { } user)
            {
                return new LoginProofVoid();
            }

            var factors = user.NeedsSecondFactor(logins)
                ? await transaction.Db.FindFactorsAsync(user.Id, token)
                : FactorKinds.None;
            switch (user.Decide(login.Proof, logins, factors))
            {
                case OpenSession:
                    return await OpenAsync(transaction, user, login, token);
                case RefuseLogin { Code: ErrorCode.EmailUnverified }:
                    await transaction.SendConfirmationAsync(user, token);
                    return new SessionRefused(ErrorCode.EmailUnverified);
                case RefuseLogin refuse:
                    ReplaceHash(user, login);
                    return new SessionRefused(refuse.Code, factors);
                default:
                    return new LoginProofVoid();
            }
        },
        token => EndDisplacedAsync(login, token),
        ct);

    /// <summary>
    /// Writes a newer proof of a session's user, and replaces the tokens of the session if its refresh token came along.
    /// </summary>
    public Task<SessionProofResult> ReauthenticateAsync(SessionProof by, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => by.UseAsync(
            transaction,
            policy,
            async (_, session) =>
            {
                await transaction.ReauthenticateAsync(session, by.Proof, by.Client, token);
                return ChangeResult.Made;
            },
            token),
        ct);

    /// <summary>Ends every session of the user, that of the request among them unless it is excepted.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="asking">The session of the request. It ends last, so that the request can be sent again.</param>
    /// <param name="isExcepted">True to leave that session.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work. Some sessions may have ended.</param>
    public Task EndAllAsync(Guid userId, Guid asking, bool isExcepted, ClientInfo client, CancellationToken ct) =>
        ender.RunAsync(
            userId,
            EndReason.LogoutAll,
            spared: asking,
            client,
            async (transaction, token) =>
            {
                if (await transaction.LoadUserAsync(userId, token) is { } user)
                {
                    await transaction.EndAllAsync(
                        user, EndReason.LogoutAll, except: isExcepted ? asking : null, client, token);
                }

                return default(Unit);
            },
            ct);

    // The password was right, even if the login needs a second factor.
    private static void ReplaceHash(UserRow user, NewSession login)
    {
        if (login.Rehash is { } rehash && user.PasswordHash == rehash.Old)
        {
            user.PasswordHash = rehash.New;
        }
    }

    private async Task<OpenSessionResult> OpenAsync(
        WriteTransaction transaction, UserRow user, NewSession login, CancellationToken ct)
    {
        var sessions = await LoadAffectedAsync(transaction, user, login.Replaces, ct);
        var replaced = sessions.Find(s => s.Row.Id == login.Replaces);
        var live = sessions
            .Where(s => s != replaced && transaction.Now < policy.ExpiryOf(s.Row.CreatedAt, s.Row.RotatedAt))
            .Select(s => new LiveSession(s.Row.Id, s.Row.CreatedAt));
        if (SessionAdmission.Admit([.. live], policy) is not Admitted { Displaced: var displaced })
        {
            return new SessionRefused(ErrorCode.TooManySessions);
        }

        // There may be more than were loaded. Of fewer, a login displaces no more than one transaction may end.
        if (sessions.Count >= MaxLoaded)
        {
            throw new TooManyEndsException();
        }

        if (await transaction.UseAsync(login.Uses, user.Id, ct) is { } used)
        {
            return new SessionRefused(used);
        }

        if (replaced is not null)
        {
            transaction.End(replaced, EndReason.Replaced, login.Client);
        }

        foreach (var oldest in sessions.Where(s => displaced.Contains(s.Row.Id)))
        {
            transaction.End(oldest, EndReason.Displaced, login.Client);
        }

        // What a login uses up, or replaces, changes in the same transaction.
        ReplaceHash(user, login);
        if (login.IsNewDevice && user.VerifiedEmail is not null)
        {
            await NotifyOfDeviceAsync(transaction, user, login, ct);
        }

        var session = transaction.Open(user, login.Proof, logins, login.DeviceName, login.Client);
        return new SessionOpened(session.ToGrant(user.ToTokenSubject(), transaction.Now, policy));
    }

    // No notice of the first login of all: the rows of all sessions of so young an account are still there.
    private static async Task NotifyOfDeviceAsync(
        WriteTransaction transaction, UserRow user, NewSession login, CancellationToken ct)
    {
        var isYoung = transaction.Now - user.CreatedAt < SessionLister.EndedRetention;
        if (isYoung && !await transaction.Db.Sessions.AnyAsync(s => s.UserId == user.Id, ct))
        {
            return;
        }

        // One notice a day of a device and address, so that programs without a device token don't hide another device.
        var (device, since) = (DeviceOf(login.Client), transaction.Now - TimeSpan.FromDays(1));
        var notices = transaction.Db.Mails.Where(
            m => m.UserId == user.Id && m.Kind == MailKind.NewDevice && m.CreatedAt > since);
        if (!await notices.AnyAsync(m => m.Detail == device, ct)
            && await notices.Take(MaxDeviceNotices).CountAsync(ct) < MaxDeviceNotices)
        {
            transaction.Notify(MailKind.NewDevice, user, device);
        }
    }

    // The user agent and the address. The caller chooses the name of the device, and could write to the user by it.
    private static string DeviceOf(ClientInfo client)
    {
        var device = DisplayText.WithoutLinks(client.UserAgent ?? "", DisplayText.MaxLength);
        return string.Join(", ", new[] { device, client.IpAddress }.Where(part => !string.IsNullOrEmpty(part)));
    }

    // Without a limit the other sessions of the user don't matter, and there may be many.
    private async Task<List<LoadedSession>> LoadAffectedAsync(
        WriteTransaction transaction, UserRow user, Guid? replaced, CancellationToken ct) => policy.MaxPerUser > 0
            ? await transaction.LoadLiveSessionsAsync(user, MaxLoaded, replaced, ct)
            : replaced is { } id
                ? [.. (await transaction.LoadAsync([id], ct)).Values.Where(s => s.Row.EndedAt is null)]
                : [];

    // A limit that is new, or lower than before, may displace any number. The sessions whose lifetime is over go with them:
    // there may be as many, and no login is to read them again.
    private async Task EndDisplacedAsync(NewSession login, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (live, ends) = (new List<LiveSession>(), new List<Guid>());
        await foreach (var row in lister.ReadLiveAsync(login.Proof.UserId, ct))
        {
            if (now >= policy.ExpiryOf(row.CreatedAt, row.RotatedAt))
            {
                ends.Add(row.Id);
            }
            else if (row.Id != login.Replaces)
            {
                live.Add(new LiveSession(row.Id, row.CreatedAt));
            }
        }

        ends.AddRange(SessionAdmission.Admit(live, policy) is Admitted { Displaced: var displaced } ? displaced : []);
        await ender.EndAsync(
            ends,
            (transaction, session) =>
            {
                if (transaction.Now >= policy.ExpiryOf(session.Row.CreatedAt, session.Row.RotatedAt))
                {
                    transaction.Expire(session, policy, login.Client);
                }
                else
                {
                    transaction.End(session, EndReason.Displaced, login.Client);
                }
            },
            ct);
    }
}
