using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Passkeys;

/// <summary>A passkey that was added.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">The moment when it was added.</param>
/// <param name="Synced">True if it has been copied to other devices.</param>
/// <param name="RecoveryCodes">Recovery codes, which are shown once; none if the account has some already.</param>
internal sealed record AddedPasskey(
    Guid Id, string Name, DateTime CreatedAt, bool Synced, IReadOnlyList<string> RecoveryCodes);

/// <summary>The passkeys of accounts. Safe to share.</summary>
internal sealed class PasskeyService(
    IPasskeyCeremonies ceremonies,
    PasskeyStates states,
    PasskeyStore passkeys,
    CredentialChangeService changes,
    ServerKeys keys,
    TimeProvider clock)
{
    private static readonly string Limit = $"An account has at most {PasskeyPolicy.MaxPerAccount} passkeys. Remove one first.";

    /// <summary>
    /// Begins a registration. Refuses with <see cref="ErrorCode.InvalidRequest"/> if the account may have no more passkeys, or
    /// with <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<PasskeyChallenge>> BeginAsync(Guid userId, Guid sessionId, CancellationToken ct)
    {
        if (await passkeys.FindOwnerAsync(userId, ct) is not { Disabled: false } user)
        {
            return new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
        }

        if ((await passkeys.ListAsync(userId, ct)).Count >= PasskeyPolicy.MaxPerAccount)
        {
            return Refusal.OfField("credential", Limit);
        }

        var begun = await ceremonies.BeginRegistrationAsync(user.Id, user.Username, user.DisplayName ?? user.Username, ct);
        return states.Seal(begun, new(PasskeyPurpose.Register, userId, sessionId), user.SecurityStamp);
    }

    /// <summary>
    /// Adds a passkey and ends the user's other sessions. Refuses with <see cref="ErrorCode.InvalidRequest"/> or <see
    /// cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    /// <param name="answer">The answer of the authenticator.</param>
    /// <param name="name">The user's name for the passkey; null for one by the user agent.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The passkey, and the new handle of the session; null if it has tokens.</returns>
    public async Task<Outcome<(AddedPasskey Passkey, SessionHandleValue? Handle)>> AddAsync(
        PasskeyAnswer answer, string? name, ChangingCaller caller, CancellationToken ct)
    {
        var given = DisplayText.Parse(name, out var problem);
        if (problem is not null)
        {
            return Refusal.OfField("name", problem);
        }

        var opened = states.Open(answer, new(PasskeyPurpose.Register, caller.UserId, caller.SessionId));
        if (opened.Refusal is { } refusal)
        {
            return refusal;
        }

        if (opened.Value is not { } state)
        {
            return StateRefused();
        }

        var presented = new PresentedCredential(answer.Credential!.Value.GetRawText(), state.Ceremony);
        if (await ceremonies.VerifyRegistrationAsync(presented, ct) is not { } verified || verified.UserId != $"{caller.UserId}")
        {
            return Refusal.OfField("credential", "Is not a valid answer to these options, or is known already.");
        }

        var row = RowOf(verified, caller, given);
        var codes = NewRecoveryCode.Make(caller.UserId, keys.Root);
        var result = await passkeys.AddAsync(row, state, codes, CredentialChangeService.ChangeBy(caller), ct);
        switch (result)
        {
            case SessionProofVoid or ChangeRefused { Reason: ChangeRefusal.Spent }:
                return StateRefused();
            case ChangeRefused { Reason: ChangeRefusal.InUse }:
                return Refusal.OfField("credential", "Is known already.");
            case ChangeRefused { Reason: ChangeRefusal.TooMany }:
                return Refusal.OfField("credential", Limit);
        }

        var handle = changes.Answer(result);
        return handle.Refusal is { } refused
            ? refused
            : (AddedOf(row, result is SessionProofUsed { HasNewCodes: true } ? codes : []), handle.Value);
    }

    /// <summary>
    /// Gives a passkey another name. Refuses with <see cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.NotFound"/>.
    /// </summary>
    public async Task<Outcome<Unit>> RenameAsync(Guid id, Guid userId, string? name, CancellationToken ct)
    {
        if (DisplayText.Parse(name, out var problem) is not { } given)
        {
            return Refusal.OfField("name", problem ?? "Is required.");
        }

        return await passkeys.RenameAsync(id, userId, given, ct) ? default(Unit) : ErrorCode.NotFound;
    }

    /// <summary>
    /// Removes a passkey and ends the user's other sessions. Refuses with <see cref="ErrorCode.NotFound"/>, <see
    /// cref="ErrorCode.LastCredential"/> or <see cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    /// <returns>The new handle of the session; null if it has tokens.</returns>
    public async Task<Outcome<SessionHandleValue?>> RemoveAsync(Guid id, ChangingCaller caller, CancellationToken ct) =>
        changes.Answer(await passkeys.RemoveAsync(id, CredentialChangeService.ChangeBy(caller), ct));

    private static Refusal StateRefused() =>
        Refusal.OfField("state", "Is unknown, was used before or is over. Ask for new options.");

    private static AddedPasskey AddedOf(PasskeyRow row, IReadOnlyList<NewRecoveryCode> codes) => new(
        row.Id, row.Name, row.CreatedAt.UtcDateTime, row.IsBackedUp, [.. codes.Select(code => code.Text)]);

    private PasskeyRow RowOf(RegisteredCredential verified, ChangingCaller caller, string? name)
    {
        // As it is stored, in whole milliseconds.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        return new PasskeyRow
        {
            Id = Guid.CreateVersion7(now),
            UserId = caller.UserId,
            CredentialId = verified.CredentialId,
            PublicKey = verified.PublicKey,
            SignCount = verified.SignCount,
            Transports = [.. verified.Transports],
            IsBackupEligible = verified.IsBackupEligible,
            IsBackedUp = verified.IsBackedUp,
            Name = name ?? PasskeyPolicy.NameOf(caller.Client.UserAgent),
            CreatedAt = now,
        };
    }
}
