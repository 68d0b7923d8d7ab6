using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Passkeys;

/// <summary>
/// Verifies proofs by passkeys: logins, second factors and fresh proofs. A proof counts once it is used up by <see
/// cref="PasskeyUses.TryUsePasskeyAsync"/> in the transaction of what it proves. Safe to share.
/// </summary>
internal sealed class PasskeyProofService(IPasskeyCeremonies ceremonies, PasskeyStates states, IEventCounter events)
{
    /// <summary>Begins a proof. Refuses with <see cref="ErrorCode.InvalidCredentials"/> if there is no such user.</summary>
    /// <param name="binding">The purpose, and all that the proof is bound to.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task<Outcome<PasskeyChallenge>> BeginAsync(PasskeyBinding binding, CancellationToken ct) =>
        await ceremonies.BeginProofAsync(UserOf(binding), ct) is { } begun
            ? states.Seal(begun, binding)
            : ErrorCode.InvalidCredentials;

    /// <summary>
    /// Verifies a proof. Refuses with <see cref="ErrorCode.InvalidRequest"/> if a part of it is missing, or with <see
    /// cref="ErrorCode.InvalidCredentials"/>, which is counted as an event.
    /// </summary>
    /// <param name="answer">The answer of the authenticator.</param>
    /// <param name="expected">The binding that the proof must have been begun with.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task<Outcome<PasskeyUse>> VerifyAsync(PasskeyAnswer answer, PasskeyBinding expected, CancellationToken ct)
    {
        var opened = states.Open(answer, expected);
        if (opened.Refusal is { } refusal)
        {
            return refusal;
        }

        if (opened.Value is not { } state)
        {
            return Refuse(answer.Client, UserOf(expected), "the state is over, or of another purpose");
        }

        var presented = new PresentedCredential(answer.Credential!.Value.GetRawText(), state.Ceremony);
        if (await ceremonies.VerifyProofAsync(presented, ct) is not { } proved)
        {
            return Refuse(answer.Client, UserOf(expected), "the passkey is unknown, or its answer is not valid");
        }

        // The transaction compares the counters again. This look makes the event.
        return PasskeyPolicy.IsNext(proved.StoredSignCount, proved.SignCount)
            ? new PasskeyUse(
                proved.PasskeyId,
                proved.UserId,
                proved.SecurityStamp,
                proved.SignCount,
                proved.IsBackedUp,
                state.Id,
                state.EndsAt)
            : Refuse(answer.Client, proved.UserId, "its counter went back, so there may be a copy of it");
    }

    /// <summary>Counts a proof that was verified and could not be used: its state was used before, or its account is disabled.
    /// </summary>
    public ErrorCode RefuseUse(PasskeyUse use, ClientInfo client) =>
        Refuse(client, use.UserId, "it was used before, or its account is disabled");

    private static Guid? UserOf(PasskeyBinding binding) => binding.UserId == Guid.Empty ? null : binding.UserId;

    private ErrorCode Refuse(ClientInfo client, Guid? userId, string reason)
    {
        events.Count(new SecurityEvent(EventKind.PasskeyRejected, client, userId) { Detail = reason });
        return ErrorCode.InvalidCredentials;
    }
}
