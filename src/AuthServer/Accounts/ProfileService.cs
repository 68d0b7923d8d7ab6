using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Changes of a profile as given. What is null stays as it is.</summary>
/// <param name="DisplayName">The display name.</param>
/// <param name="Locale">The language, as a tag of BCP 47.</param>
/// <param name="Username">The user name.</param>
internal sealed record ProfileWish(NewText? DisplayName = null, NewText? Locale = null, NewText? Username = null);

/// <summary>A profile as its user sees it.</summary>
/// <param name="Username">The user name.</param>
/// <param name="DisplayName">The display name; null if there is none.</param>
/// <param name="Email">The address; null if there is none.</param>
/// <param name="EmailVerified">True if the address is verified.</param>
/// <param name="Locale">The language of mails, as a tag of BCP 47; null for that of the server.</param>
/// <param name="HasPassword">True if the user can log in by a password.</param>
/// <param name="CreatedAt">The moment of the registration.</param>
internal sealed record Profile(
    string Username,
    string? DisplayName,
    string? Email,
    bool EmailVerified,
    string? Locale,
    bool HasPassword,
    DateTime CreatedAt);

/// <summary>Reads and changes profiles. Safe to share.</summary>
internal sealed class ProfileService(ProfileStore profiles)
{
    private static readonly TimeSpan WaitAfterTooMany = TimeSpan.FromDays(1);

    /// <summary>Reads a profile. Refuses with <see cref="ErrorCode.SessionEnded"/> if the account was deleted.</summary>
    public async Task<Outcome<Profile>> FindAsync(Guid userId, CancellationToken ct) =>
        await profiles.FindAsync(userId, ct) is { } user
            ? new Profile(
                user.Username,
                user.DisplayName,
                user.Email,
                user.VerifiedEmail is not null,
                user.Locale,
                user.HasPassword,
                user.CreatedAt.UtcDateTime)
            : new Refusal(ErrorCode.SessionEnded, EndReason.Deleted);

    /// <summary>
    /// Changes the caller's profile. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.UsernameTaken"/>,
    /// <see cref="ErrorCode.TooManyRequests"/> or <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request.</param>
    /// <param name="wish">The changes.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The user after the change.</returns>
    public Task<Outcome<TokenSubject>> ChangeAsync(
        Guid userId, Guid sessionId, ProfileWish wish, ClientInfo client, CancellationToken ct) =>
        ChangeAsync(userId, asking: sessionId, wish, client, ct);

    /// <summary>
    /// Changes the profile of an account, for an operator at the command line. Refuses as the change by its user does, but with
    /// <see cref="ErrorCode.NotFound"/> if there is no such account.
    /// </summary>
    public async Task<Outcome<TokenSubject>> ChangeAsync(Guid userId, ProfileWish wish, CancellationToken ct)
    {
        var outcome = await ChangeAsync(userId, asking: null, wish, ClientInfo.CommandLine, ct);
        return outcome.Refusal is { Code: ErrorCode.SessionEnded } ? ErrorCode.NotFound : outcome;
    }

    private async Task<Outcome<TokenSubject>> ChangeAsync(
        Guid userId, Guid? asking, ProfileWish wish, ClientInfo client, CancellationToken ct)
    {
        var errors = new Dictionary<string, string[]>();
        var change = Check(wish, errors);
        if (errors.Count > 0)
        {
            return new Refusal(ErrorCode.InvalidRequest, Errors: errors);
        }

        var outcome = await profiles.ChangeAsync(userId, asking, change, client, ct);
        return outcome.Result switch
        {
            ProfileResult.Changed => outcome.User!,
            ProfileResult.UsernameInUse => ErrorCode.UsernameTaken,
            ProfileResult.NotVerified => Refusal.OfField(
                "username", "A name with an @ must be the verified address of the account."),
            ProfileResult.TooMany => new Refusal(ErrorCode.TooManyRequests, Wait: WaitAfterTooMany),
            _ => new Refusal(ErrorCode.SessionEnded, EndReason.Disabled),
        };
    }

    private static ProfileChange Check(ProfileWish wish, Dictionary<string, string[]> errors)
    {
        var (displayName, locale, username) = ((NewText?)null, wish.Locale, (Username?)null);
        if (wish.DisplayName is { } name)
        {
            displayName = new NewText(DisplayText.Parse(name.Value, out var problem));
            Note("displayName", problem);
        }

        if (locale is { Value: { } tag } && !LanguageTag.IsWellFormed(tag))
        {
            Note("locale", "Must be a language tag of BCP 47, such as en or ko, of at most 35 characters.");
        }

        if (wish.Username is { } given)
        {
            var problem = given.Value is null ? "Can't be removed." : null;
            username = problem is null ? Username.Parse(given.Value!, out problem) : null;
            Note("username", problem);
        }

        return new ProfileChange(displayName, locale, username);

        void Note(string field, string? problem)
        {
            if (problem is not null)
            {
                errors[field] = [problem];
            }
        }
    }
}
