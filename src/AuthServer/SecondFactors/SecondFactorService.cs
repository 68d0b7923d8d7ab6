using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Hosting;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.SecondFactors;

/// <summary>The second factors of the caller.</summary>
/// <param name="Required">True if logins need one.</param>
/// <param name="Totp">True if there is an authenticator app.</param>
/// <param name="Passkeys">The passkeys, the oldest first.</param>
/// <param name="RecoveryCodesLeft">Number of recovery codes that were not used.</param>
internal sealed record SecondFactorList(
    bool Required, bool Totp, IReadOnlyList<PasskeyView> Passkeys, int RecoveryCodesLeft);

/// <summary>A passkey.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name that the user gave it.</param>
/// <param name="CreatedAt">The moment when it was added.</param>
/// <param name="LastUsedAt">The moment of the last login by it; null if there was none.</param>
/// <param name="Synced">True if it has been copied to other devices.</param>
internal sealed record PasskeyView(Guid Id, string Name, DateTime CreatedAt, DateTime? LastUsedAt, bool Synced);

/// <summary>The secret of an authenticator app, which is shown once.</summary>
/// <param name="Secret">The secret in base 32, to type.</param>
/// <param name="Uri">The secret as apps read it.</param>
/// <param name="Qr">The URI as a QR code, in SVG.</param>
internal sealed record TotpSecret(string Secret, string Uri, string Qr);

/// <summary>Result of a change of second factors.</summary>
/// <param name="Handle">The new handle of the session; null if it has tokens.</param>
/// <param name="RecoveryCodes">Recovery codes, which are shown once; none if the account has some.</param>
internal sealed record FactorChange(SessionHandleValue? Handle, IReadOnlyList<string> RecoveryCodes);

/// <summary>Sets up and removes second factors of accounts. Safe to share.</summary>
internal sealed class SecondFactorService(
    SecondFactorStore factors,
    SecondFactorCheck check,
    ServerKeys keys,
    CredentialChangeService changes,
    IOptions<TokenOptions> options,
    IOptions<BrandingOptions> branding,
    TimeProvider clock)
{
    /// <summary>Reads the factors of a user. Refuses with <see cref="ErrorCode.SessionEnded"/>.</summary>
    public async Task<Outcome<SecondFactorList>> ReadAsync(Guid userId, CancellationToken ct) =>
        await factors.ReadAsync(userId, ct) is { } overview
            ? new SecondFactorList(
                overview.Required,
                overview.HasTotp,
                [
                    .. overview.Passkeys.Select(passkey => new PasskeyView(
                        passkey.Id,
                        passkey.Name,
                        passkey.CreatedAt.UtcDateTime,
                        passkey.LastUsedAt?.UtcDateTime,
                        passkey.IsBackedUp)),
                ],
                overview.RecoveryCodesLeft)
            : new Refusal(ErrorCode.SessionEnded, EndReason.Deleted);

    /// <summary>
    /// Makes the secret of an authenticator app, which counts once its first code was given. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/> if there is an app already, or with <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<TotpSecret>> BeginTotpAsync(Guid userId, CancellationToken ct)
    {
        var secret = TotpCodes.NewSecret();
        var place = SealedFactor.PlaceOfTotp(userId);
        var (refused, username) = await factors.BeginTotpAsync(userId, SealedFactor.Seal(secret, place, keys.Root), ct);
        if (refused is { } reason)
        {
            return reason == ChangeRefusal.Exists
                ? Refusal.OfField("totp", "There is an authenticator app already; remove it first.")
                : new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
        }

        var issuer = branding.Value.NameOrHost(new Uri(options.Value.Issuer).IdnHost);
        var uri = TotpCodes.UriOf(secret, issuer, username);
        return new TotpSecret(TotpCodes.TextOf(secret), uri, TotpCodes.QrOf(uri));
    }

    /// <summary>
    /// Makes an authenticator app count by its first code. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see
    /// cref="ErrorCode.SecondFactorInvalid"/>, or as <see cref="CredentialChangeService"/> does.
    /// </summary>
    public async Task<Outcome<FactorChange>> ConfirmTotpAsync(ChangingCaller by, string? code, CancellationToken ct)
    {
        var confirmed = await ReadFirstAsync(by.UserId, code, ct);
        if (confirmed.Refusal is { } refusal)
        {
            return refusal;
        }

        var result = await factors.ConfirmTotpAsync(CredentialChangeService.ChangeBy(by), confirmed.Value, ct);
        return Answer(result, confirmed.Value.Codes);
    }

    /// <summary>
    /// Makes the secret of an authenticator app for a login that has to set one up. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.SecondFactorInvalid"/>.
    /// </summary>
    public async Task<Outcome<TotpSecret>> BeginSetUpAsync(string? challenge, CancellationToken ct)
    {
        var opened = Open(challenge);
        if (opened.Refusal is { } refusal)
        {
            return refusal;
        }

        return await factors.CountsAsync(opened.Value, ct)
            ? await BeginTotpAsync(opened.Value.UserId, ct)
            : ErrorCode.SecondFactorInvalid;
    }

    /// <summary>
    /// Makes an authenticator app count for a login that has to set one up. The user logs in again. Refuses as <see
    /// cref="BeginSetUpAsync"/> does.
    /// </summary>
    public async Task<Outcome<FactorChange>> ConfirmSetUpAsync(
        string? challenge, string? code, ClientInfo client, CancellationToken ct)
    {
        var opened = Open(challenge);
        if (opened.Refusal is { } refusal)
        {
            return refusal;
        }

        var confirmed = await ReadFirstAsync(opened.Value.UserId, code, ct);
        if (confirmed.Refusal is { } wrong)
        {
            return wrong;
        }

        var result = await factors.SetUpTotpAsync(opened.Value, confirmed.Value, client, ct);
        return result.Refusal is null
            ? new FactorChange(Handle: null, TextsOf(confirmed.Value.Codes, result.HasNewCodes))
            : ErrorCode.SecondFactorInvalid;
    }

    /// <summary>
    /// Removes the authenticator app. Refuses with <see cref="ErrorCode.NotFound"/> or <see cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    public async Task<Outcome<FactorChange>> RemoveTotpAsync(ChangingCaller by, CancellationToken ct) =>
        Answer(await factors.RemoveTotpAsync(CredentialChangeService.ChangeBy(by), ct), codes: []);

    /// <summary>
    /// Switches on or off whether logins need a second factor. Refuses with <see cref="ErrorCode.InvalidRequest"/> or <see
    /// cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    public async Task<Outcome<FactorChange>> SwitchAsync(ChangingCaller by, bool? required, CancellationToken ct)
    {
        if (required is not { } isRequired)
        {
            return Refusal.OfField("required", "Is required.");
        }

        var result = await factors.SwitchAsync(CredentialChangeService.ChangeBy(by), isRequired, ct);
        return result is ChangeRefused
            ? Refusal.OfField("required", "Set up an authenticator app or a passkey first.")
            : Answer(result, codes: []);
    }

    /// <summary>
    /// Replaces the recovery codes. Refuses with <see cref="ErrorCode.NotFound"/> if there is no other factor, or with <see
    /// cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    public async Task<Outcome<FactorChange>> ReplaceCodesAsync(ChangingCaller by, CancellationToken ct)
    {
        var codes = NewRecoveryCode.Make(by.UserId, keys.Root);
        return Answer(await factors.ReplaceCodesAsync(CredentialChangeService.ChangeBy(by), codes, ct), codes);
    }

    private Outcome<SecondFactorChallenge> Open(string? challenge) =>
        string.IsNullOrEmpty(challenge) ? Refusal.OfField("challenge", "Is required.")
        : SecondFactorChallenge.Open(challenge, ChallengePurpose.SetUp, keys.Root, clock.GetUtcNow()) is { } opened ? opened
        : ErrorCode.SecondFactorInvalid;

    private async Task<Outcome<ConfirmedTotp>> ReadFirstAsync(Guid userId, string? code, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return Refusal.OfField("code", "Is required.");
        }

        return await factors.FindTotpAsync(userId, ct) is { ConfirmedAt: null } pending
            && clock.GetUtcNow() - pending.CreatedAt < SecondFactorStore.SetupTime
            && check.VerifyFirst(pending, code) is { } step
                ? new ConfirmedTotp(pending, step, NewRecoveryCode.Make(userId, keys.Root))
                : ErrorCode.SecondFactorInvalid;
    }

    private Outcome<FactorChange> Answer(SessionProofResult result, IReadOnlyList<NewRecoveryCode> codes)
    {
        if (result is ChangeRefused { Reason: ChangeRefusal.Spent })
        {
            return ErrorCode.SecondFactorInvalid;
        }

        var answer = changes.Answer(result);
        return answer.Refusal is { } refusal
            ? refusal
            : new FactorChange(answer.Value, TextsOf(codes, result is SessionProofUsed { HasNewCodes: true }));
    }

    private static IReadOnlyList<string> TextsOf(IReadOnlyList<NewRecoveryCode> codes, bool areStored) =>
        areStored ? [.. codes.Select(code => code.Text)] : [];
}
