using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>The caller of a private route, with what proves again who they are.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The session of the access token.</param>
/// <param name="Proofs">What proves again who they are.</param>
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
    SecondFactorCheck factors,
    SecondFactorStore factorStore,
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
    /// <param name="caller">The caller, with a password or the code of a mail.</param>
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
            if (await VerifyAsync(caller, account, ct) is not { } first)
            {
                attempt.Fail();
                events.Count(new SecurityEvent(failure, caller.Client, account.Id));
                return ErrorCode.InvalidCredentials;
            }

            var verified = await VerifySecondAsync(caller, account, ct);
            if (verified.Refusal is { } missing)
            {
                return missing;
            }

            using var second = verified.Value;
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
                second?.Succeed();
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

    // Null if the password or the code of the mail is wrong.
    private async Task<(AuthenticationProof Proof, ProofUse? Use)?> VerifyAsync(
        ProvingCaller caller, Account account, CancellationToken ct)
    {
        if (caller.Proofs.Password is not { } password)
        {
            return await mailCodes.VerifyAsync(account, caller.SessionId, caller.Proofs.MailCode!, ct) is { } use
                ? (new(account.Id, AuthenticationMethods.Mail, clock.GetUtcNow(), account.SecurityStamp), use)
                : null;
        }

        var verification = await verifier.VerifyAsync(password, account.Password, caller.HashCaller, ct);
        return verification is PasswordProved proved ? (proved.Proof, null) : null;
    }

    // Null if the login of the account would ask for none. Roles may require one that is not set up yet.
    private async Task<Outcome<VerifiedFactor?>> VerifySecondAsync(
        ProvingCaller caller, Account account, CancellationToken ct)
    {
        if (!account.SecondFactorRequired && !policy.RequiresSecondFactor(account.Roles))
        {
            return (VerifiedFactor?)null;
        }

        var methods = await factorStore.FindAsync(account.Id, ct);
        if ((methods & (FactorKinds.Totp | FactorKinds.Passkey)) == 0)
        {
            return (VerifiedFactor?)null;
        }

        if (caller.Proofs.Code is not { Length: > 0 } code)
        {
            return new Refusal(ErrorCode.SecondFactorRequired, Offer: new(Challenge: null, methods));
        }

        var verified = await factors.VerifyAsync(account.Id, code, caller.Client, ct);
        return verified.Refusal is { } refusal ? refusal : verified.Value;
    }

    private Outcome<ProvedCaller> OutcomeOf(
        SessionProofResult result,
        ProvingCaller caller,
        PresentedSecret? presented,
        LoginAttempt attempt,
        Account account)
    {
        switch (result)
        {
            case SessionProofUsed used:
                if (presented is { Number: var number } && number > used.Stored)
                {
                    log.GenerationRecovered(caller.SessionId, used.Stored, number, number - used.Stored);
                }

                var kind = presented is { IsHandle: true } ? SessionKind.Cookie : SessionKind.Tokens;
                return new ProvedCaller(
                    used.Grant is { } grant ? tokens.Issue(grant, kind) : null,
                    attempt.IssueToken(account.Id, used.SecurityStamp));
            case PresentedTokenRefused refused:
                return RefreshService.RefusalOf(refused.Decision);
            case PresentedHandleOld:
                return ErrorCode.SessionInvalid;
            case SessionProofUsedUp usedUp:
                return usedUp.Code;
            case AskingSessionEnded ended:
                return new Refusal(ErrorCode.SessionEnded, ended.Reason);
            default:
                throw new UnreachableException($"{result} is no result of a proof that counts.");
        }
    }
}
