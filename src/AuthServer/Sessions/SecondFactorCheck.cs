using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>A second factor that was right.</summary>
/// <param name="methods">The methods of the factor.</param>
/// <param name="use">The code that the proof uses up.</param>
/// <param name="attempt">The attempt as it is counted.</param>
internal sealed class VerifiedFactor(AuthenticationMethods methods, ProofUse use, FailureAttempt? attempt) : IDisposable
{
    /// <summary>The methods that it adds to those of the first factor.</summary>
    public AuthenticationMethods Methods => methods | AuthenticationMethods.MultiFactor;

    /// <summary>The code that the proof uses up.</summary>
    public ProofUse Use => use;

    /// <summary>Empties the failures of the account, once a login is complete.</summary>
    public void Succeed() => attempt?.Succeed();

    public void Dispose() => attempt?.Dispose();
}

/// <summary>Verifies second factors, and slows guesses by the failures of the account. Safe to share.</summary>
internal sealed class SecondFactorCheck(
    SecondFactorStore factors,
    FailureCounter counter,
    FailureLimits limits,
    ServerKeys keys,
    IEventCounter events,
    TimeProvider clock)
{
    // Longer texts are no code, and would cost time to read.
    private const int LongestCode = 64;

    /// <summary>
    /// Verifies a code. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.TooManyRequests"/> or <see
    /// cref="ErrorCode.SecondFactorInvalid"/>. The caller disposes of the factor.
    /// </summary>
    /// <param name="userId">The account.</param>
    /// <param name="code">The code as given.</param>
    /// <param name="known">The device token that came along, if it is the account's; else null.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the queries.</param>
    public async Task<Outcome<VerifiedFactor>> VerifyAsync(
        Guid userId, string? code, DeviceToken? known, ClientInfo client, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return Refusal.OfField("code", "Is required.");
        }

        var wait = TimeSpan.Zero;
#pragma warning disable CA2000 // The factor that is returned disposes of it.
        var attempt = limits.Enabled ? await BeginAsync(userId, known, at => wait = at, ct) : null;
#pragma warning restore CA2000
        if (wait > TimeSpan.Zero)
        {
            return new Refusal(ErrorCode.TooManyRequests, Wait: wait);
        }

        try
        {
            if (code.Length <= LongestCode && await FindUseAsync(userId, code, ct) is { } use)
            {
                return new VerifiedFactor(AuthenticationMethods.OneTimePassword, use, attempt);
            }

            attempt?.Fail();
            events.Count(new SecurityEvent(EventKind.SecondFactorFailed, client, userId));
            return ErrorCode.SecondFactorInvalid;
        }
        catch
        {
            attempt?.Dispose();
            throw;
        }
    }

    /// <summary>Verifies the first code of an authenticator app. Null if it is wrong.</summary>
    public long? VerifyFirst(TotpRow pending, string code) =>
        SecretOf(pending) is { } secret ? TotpCodes.Verify(secret, Compact(code), clock.GetUtcNow()) : null;

    // A known device is held against its own failures, so that a person who knows the password can't lock the owner out.
    private async Task<FailureAttempt?> BeginAsync(
        Guid userId, DeviceToken? known, Action<TimeSpan> setWait, CancellationToken ct)
    {
        FailureKey account = new(keys.Failures.OfSecondFactor(userId), FailureLimits.SecondFactor.Fade);
        FailureKey? own = known is null ? null : new(keys.Failures.OfDevice(known.DeviceId), limits.Device.Fade);
        return await counter.BeginAsync(
            own is null ? [account] : [account, own],
            read =>
            {
                var now = clock.GetUtcNow();
                if (own is not null && read[1].CountAt(now, own.Fade) < limits.Device.Allowed)
                {
                    return [own];
                }

                var wait = read[0].WaitAt(now, FailureLimits.SecondFactor);
                setWait(wait);
                return wait > TimeSpan.Zero ? null : [account];
            },
            ct);
    }

    private async Task<ProofUse?> FindUseAsync(Guid userId, string code, CancellationToken ct)
    {
        if (TotpCodes.IsCode(Compact(code)))
        {
            return await factors.FindTotpAsync(userId, ct) is { ConfirmedAt: not null } totp
                && SecretOf(totp) is { } secret
                && TotpCodes.Verify(secret, Compact(code), clock.GetUtcNow()) is { } step
                && step > totp.LastStep
                    ? new TotpUse(step)
                    : null;
        }

        if (RecoveryCode.Parse(code) is not { } recovery)
        {
            return null;
        }

        var hash = RecoveryCode.HashOf(recovery, userId);
        foreach (var row in await factors.ListCodesAsync(userId, ct))
        {
            if (SealedValue.Open(row.Sealed, SealedFactor.PlaceOfCode(row.Id, userId), keys.Root) is { } stored
                && CryptographicOperations.FixedTimeEquals(stored, hash))
            {
                return new RecoveryCodeUse(row.Id);
            }
        }

        return null;
    }

    // Apps show a code in two groups.
    private static string Compact(string code) => code.Replace(" ", "", StringComparison.Ordinal);

    private byte[]? SecretOf(TotpRow totp) =>
        SealedValue.Open(totp.Sealed, SealedFactor.PlaceOfTotp(totp.UserId), keys.Root);
}
