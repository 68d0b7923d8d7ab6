using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Passkeys;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>The caller of a private route, with what proves again who they are.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The session of the access token.</param>
/// <param name="Proofs">The proofs that came along.</param>
/// <param name="RefreshToken">The refresh token that came along; null if there was none.</param>
/// <param name="Handle">The handle that the caller is known by; null if it is an access token.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record ProvingCaller(
    Guid UserId,
    Guid SessionId,
    CallerProofs Proofs,
    string? RefreshToken,
    SessionHandle? Handle,
    DeviceToken? Device,
    ClientInfo Client)
{
    /// <summary>
    /// The caller, for the order in which passwords are hashed. The access token came from a login, and so from a known device.
    /// </summary>
    public HashCaller HashCaller => new(Client.IpAddress, IsKnownDevice: true);
}

/// <summary>A caller whose proof was used.</summary>
/// <param name="Pair">The new tokens or the new handle of the caller's session; null if there was an access token alone.</param>
/// <param name="DeviceToken">The device token, which takes the place of one from before.</param>
internal sealed record ProvedCaller(TokenPair? Pair, string DeviceToken);

/// <summary>Makes the caller of a private route prove again who they are, and uses the proof. Safe to share.</summary>
internal sealed class CallerProofService(
    AccountStore accounts,
    LoginThrottleService throttle,
    IEventCounter events,
    PasswordVerifier verifier,
    MailCodeService mailCodes,
    PasskeyProofService passkeys,
    SecondFactorCheck factors,
    SecondFactorStore factorStore,
    SessionReader sessions,
    LoginPolicy policy,
    TimeProvider clock,
    ServerKeys keys,
    TokenPairIssuer tokens,
    ILogger<CallerProofService> log)
{
    /// <summary>
    /// Verifies what the caller's login would ask for and uses the proof, and does both again if credentials change meanwhile.
    /// Refuses with <see cref="ErrorCode.InvalidCredentials"/>, <see cref="ErrorCode.SecondFactorRequired"/>, <see
    /// cref="ErrorCode.SecondFactorInvalid"/>, <see cref="ErrorCode.TooManyRequests"/>, <see cref="ErrorCode.TokenMismatch"/>,
    /// <see cref="ErrorCode.SessionEnded"/>, as a refresh does, or as the use does.
    /// </summary>
    /// <param name="caller">The caller, with a password, the code of a mail or a passkey.</param>
    /// <param name="failure">The kind of event that a wrong one is.</param>
    /// <param name="useAsync">Uses the proof for a change, or refuses.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<ProvedCaller>> ProveAsync(
        ProvingCaller caller,
        EventKind failure,
        Func<Account, SessionProof, Task<Outcome<SessionProofResult>>> useAsync,
        CancellationToken ct)
    {
        var read = SecretOf(caller);
        if (read.Refusal is { } unread)
        {
            return unread;
        }

        var presented = read.Value;
        while (await accounts.FindAsync(caller.UserId, ct) is { } account)
        {
            var admitted = await AdmitAsync(caller, account, ct);
            if (admitted.Refusal is { } tooMany)
            {
                return tooMany;
            }

            using var attempt = admitted.Value;
            var verified = await VerifyAsync(caller, account, ct);
            if (verified.Refusal is { } wrong)
            {
                if (wrong.Code is ErrorCode.InvalidCredentials && caller.Proofs.Passkey is null)
                {
                    attempt.Fail();
                    events.Count(new SecurityEvent(failure, caller.Client, account.Id));
                }

                return wrong;
            }

            var first = verified.Value;
            var completed = await VerifySecondAsync(caller, account, first.Proof, ct);
            if (completed.Refusal is { } missing)
            {
                return missing;
            }

            using var second = completed.Value;
            var proof = first.Proof with { Methods = first.Proof.Methods | (second?.Methods ?? default) };
            var used = await useAsync(account, new(proof, caller.SessionId, presented, caller.Client)
            {
                Uses = [.. new[] { first.Use, second?.Use }.OfType<ProofUse>()],
            });
            if (used.Refusal is { } refusal)
            {
                return refusal;
            }

            if (used.Value is not SessionProofVoid)
            {
                attempt.Succeed();
                return OutcomeOf(used.Value, caller, presented, attempt, account);
            }

            // The credentials changed while the password was hashed.
        }

        return new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
    }

    private Outcome<PresentedSecret?> SecretOf(ProvingCaller caller)
    {
        if (caller.RefreshToken is null)
        {
            return PresentedSecret.OfHandle(caller.Handle?.Epoch);
        }

        if (!RefreshToken.TryParse(caller.RefreshToken, keys.Refresh, out var token))
        {
            return ErrorCode.RefreshTokenInvalid;
        }

        if (token.SessionId != caller.SessionId)
        {
            return ErrorCode.TokenMismatch;
        }

        return (PresentedSecret?)new PresentedSecret(token.Generation, IsHandle: false);
    }

    // The code of a mail has tries of its own, which failed passwords don't use up.
    private async Task<Outcome<LoginAttempt>> AdmitAsync(ProvingCaller caller, Account account, CancellationToken ct) =>
        caller.Proofs.Password is null
            ? throttle.Uncounted(account, caller.Device, caller.Client)
            : await throttle.AdmitAsync(account.NormalizedUsername, account, caller.Device, caller.Client, ct);

    private async Task<Outcome<FirstProof>> VerifyAsync(ProvingCaller caller, Account account, CancellationToken ct)
    {
        if (caller.Proofs.Passkey is { } answer)
        {
            var binding = new PasskeyBinding(PasskeyPurpose.FreshProof, account.Id, caller.SessionId);
            var passkey = await passkeys.VerifyAsync(answer, binding, ct);
            return passkey.Refusal is { } refusal
                ? refusal
                : new FirstProof(ProofOf(account, passkey.Value.Methods, passkey.Value.SecurityStamp), passkey.Value);
        }

        if (caller.Proofs is { IsFresh: true, Password: null })
        {
            return new FirstProof(ProofOf(account, default, account.SecurityStamp), Use: null);
        }

        if (caller.Proofs.Password is not { } password)
        {
            return await mailCodes.VerifyAsync(account, caller.SessionId, caller.Proofs.MailCode!, ct) is { } code
                ? new FirstProof(ProofOf(account, AuthenticationMethods.Mail, account.SecurityStamp), code)
                : ErrorCode.InvalidCredentials;
        }

        var verification = await verifier.VerifyAsync(password, account.Password, caller.HashCaller, ct);
        return verification is PasswordProved proved ? new FirstProof(proved.Proof, Use: null) : ErrorCode.InvalidCredentials;
    }

    private AuthenticationProof ProofOf(Account account, AuthenticationMethods methods, Guid securityStamp) =>
        new(account.Id, methods, clock.GetUtcNow(), securityStamp);

    // Null if the login of the account would ask for none. Roles may require one that is not set up yet.
    private async Task<Outcome<VerifiedFactor?>> VerifySecondAsync(
        ProvingCaller caller, Account account, AuthenticationProof first, CancellationToken ct)
    {
        var isRequired = account.SecondFactorRequired || policy.RequiresSecondFactor(account.Roles);
        if (!isRequired || first.Methods.HasFlag(AuthenticationMethods.MultiFactor))
        {
            return (VerifiedFactor?)null;
        }

        var isGiven = caller.Proofs.Code is { Length: > 0 };
        if (!isGiven && caller.Proofs.IsFresh && await IsOfTwoFactorsAsync(caller, ct))
        {
            return (VerifiedFactor?)null;
        }

        var methods = await factorStore.FindAsync(account.Id, ct);
        if (!methods.AreReliable())
        {
            return (VerifiedFactor?)null;
        }

        if (!isGiven)
        {
            return new Refusal(ErrorCode.SecondFactorRequired, Offer: new(Challenge: null, methods));
        }

        var known = caller.Device?.IsOf(account.Id, account.SecurityStamp, keys.Devices) is true ? caller.Device : null;
        var verified = await factors.VerifyAsync(account.Id, caller.Proofs.Code!, known, caller.Client, ct);
        return verified.Refusal is { } refusal ? refusal : verified.Value;
    }

    private async Task<bool> IsOfTwoFactorsAsync(ProvingCaller caller, CancellationToken ct) =>
        await sessions.FindAsync(caller.SessionId, ct) is { Row.Methods: var methods }
        && methods.HasFlag(AuthenticationMethods.MultiFactor);

    private Outcome<ProvedCaller> OutcomeOf(
        SessionProofResult result,
        ProvingCaller caller,
        PresentedSecret? presented,
        LoginAttempt attempt,
        Account account)
    {
        if (CredentialChangeService.RefusalOf(result) is { } refusal)
        {
            return refusal;
        }

        var used = (SessionProofUsed)result;
        if (presented is { Number: var number } && number > used.Stored)
        {
            log.GenerationRecovered(caller.SessionId, used.Stored, number, number - used.Stored);
        }

        var kind = presented is { IsHandle: true } ? SessionKind.Cookie : SessionKind.Tokens;
        return new ProvedCaller(
            used.Grant is { } grant ? tokens.Issue(grant, kind) : null,
            attempt.IssueToken(account.Id, used.SecurityStamp));
    }

    private sealed record FirstProof(AuthenticationProof Proof, ProofUse? Use);
}
