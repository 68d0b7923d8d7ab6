using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Changes of a profile, which have been checked. What is null stays as it is.</summary>
/// <param name="DisplayName">The display name.</param>
/// <param name="Locale">The language, as a tag of BCP 47.</param>
/// <param name="Username">The user name.</param>
internal sealed record ProfileChange(NewText? DisplayName = null, NewText? Locale = null, Username? Username = null);

/// <summary>Result of a change of a profile. Nothing was changed unless it says so.</summary>
internal enum ProfileResult
{
    /// <summary>The change was made, or there was nothing to change.</summary>
    Changed,

    /// <summary>Another account has the name, or has given it up.</summary>
    UsernameInUse,

    /// <summary>The name is an address that the account has not verified.</summary>
    NotVerified,

    /// <summary>The account has given up too many names within a day.</summary>
    TooMany,

    /// <summary>The account is gone or disabled, or the session has ended.</summary>
    Void,
}

/// <summary>Outcome of a change of a profile.</summary>
/// <param name="Result">The result.</param>
/// <param name="User">The user after the change; null unless it was made.</param>
internal readonly record struct ProfileOutcome(ProfileResult Result, TokenSubject? User = null)
{
    public static implicit operator ProfileOutcome(ProfileResult result) => new(result);
}

/// <summary>User names, display names and languages of accounts. Safe to share.</summary>
internal sealed class ProfileStore(TransactionRunner runner, IStorageProvider provider)
{
    /// <summary>Maximum number of names that an account may give up in a day, because they stay reserved for ever.</summary>
    public const int MaxNamesPerDay = 3;

    /// <summary>Reads an account. Null if there is no such account.</summary>
    public Task<UserRow?> FindAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId && u.DeletedAt == null, token), ct);

    /// <summary>Changes a profile. Its sessions stay, and their tokens follow at the next refresh.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks; null for an operator, who may rename any account at any time.</param>
    /// <param name="change">The changes.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<ProfileOutcome> ChangeAsync(
        Guid userId, Guid? sessionId, ProfileChange change, ClientInfo client, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(userId, token) is not { } user
                || (sessionId is { } asking && !await transaction.MayAskAsync(user, asking, token)))
            {
                return ProfileResult.Void;
            }

            if (change.Username is { } name && name.Value != user.Username)
            {
                var before = user.ToMailName();
                var result = await RenameAsync(transaction, user, name, isLimited: sessionId is not null, token);
                if (result is not ProfileResult.Changed)
                {
                    return result;
                }

                transaction.Record(new SecurityEvent(EventKind.UsernameChanged, client, user.Id) { SessionId = sessionId });
                const MailKind Kind = MailKind.UsernameChanged;
                if (await MailStore.CountRecentAsync(transaction, user.Id, Kind, token) < MailStore.MaxPerHour)
                {
                    transaction.Notify(Kind, user, before);
                }
            }

            if (Describe(user, change) is { Length: > 0 } changed)
            {
                user.DisplayName = change.DisplayName is { Value: var displayName } ? displayName : user.DisplayName;
                user.Locale = change.Locale is { Value: var locale } ? locale : user.Locale;
                transaction.Record(new SecurityEvent(EventKind.ProfileChanged, client, user.Id)
                {
                    SessionId = sessionId,
                    Detail = changed,
                });
            }

            return new ProfileOutcome(ProfileResult.Changed, user.ToTokenSubject());
        },
        ct);

    /// <summary>
    /// Frees a name that an account gave up, for an operator at the command line: any account may have it then. False if it is
    /// not reserved.
    /// </summary>
    /// <param name="name">The name in normal form.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<bool> FreeNameAsync(string name, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var reserved = transaction.Db.ReservedNames.Where(r => r.Name == name);
            var owner = await reserved.Select(r => r.UserId).FirstOrDefaultAsync(token);
            if (await reserved.ExecuteDeleteAsync(token) == 0)
            {
                return false;
            }

            // Without the name, which may be freed to be forgotten.
            transaction.Record(new SecurityEvent(EventKind.NameFreed, ClientInfo.CommandLine, owner));
            return true;
        },
        ct);

    // The members that get another value.
    private static string Describe(UserRow user, ProfileChange change)
    {
        string?[] changed =
        [
            change.DisplayName is { Value: var name } && name != user.DisplayName ? "display name" : null,
            change.Locale is { Value: var locale } && locale != user.Locale ? "locale" : null,
        ];
        return string.Join(", ", changed.OfType<string>());
    }

    private static async Task<ProfileResult> RenameAsync(
        WriteTransaction transaction, UserRow user, Username name, bool isLimited, CancellationToken ct)
    {
        if (name.Normalized == user.NormalizedUsername)
        {
            user.Username = name.Value;
            return ProfileResult.Changed;
        }

        if (name.Normalized.Contains('@', StringComparison.Ordinal) && name.Normalized != user.VerifiedEmail)
        {
            return ProfileResult.NotVerified;
        }

        if (await transaction.Db.IsTakenAsync(name, ct, owner: user.Id))
        {
            return ProfileResult.UsernameInUse;
        }

        var given = await transaction.Db.ReservedNames.Where(r => r.UserId == user.Id).ToListAsync(ct);
        var own = given.Find(r => r.Name == name.Normalized);
        if (own is null && isLimited && given.Count(r => r.ReservedAt > transaction.Now - TimeSpan.FromDays(1)) >= MaxNamesPerDay)
        {
            return ProfileResult.TooMany;
        }

        if (own is not null)
        {
            // Its owner takes it back.
            transaction.Db.ReservedNames.Remove(own);
        }

        await transaction.ReserveAsync(user, ct);
        (user.Username, user.NormalizedUsername) = (name.Value, name.Normalized);
        return ProfileResult.Changed;
    }
}
