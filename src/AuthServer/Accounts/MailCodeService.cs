using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>Codes of mails, by which users without a password prove again who they are. Safe to share.</summary>
internal sealed class MailCodeService(MailCodeStore codes, FailureCounter counter, ServerKeys keys, TimeProvider clock)
{
    private static readonly TimeSpan WaitAfterTooMany = TimeSpan.FromHours(1);

    /// <summary>
    /// Sends a code. Refuses with <see cref="ErrorCode.InvalidRequest"/> if the account has another proof or no verified address,
    /// with <see cref="ErrorCode.TooManyRequests"/> or with <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<Unit>> AskAsync(Guid userId, Guid sessionId, CancellationToken ct) =>
        await codes.AskAsync(userId, sessionId, ct) switch
        {
            MailCodeResult.Sent => default(Unit),
            MailCodeResult.TooMany => new Refusal(ErrorCode.TooManyRequests, Wait: WaitAfterTooMany),
            MailCodeResult.NotFor => Refusal.OfField(
                "mailCode", "Is for accounts with a verified address, without a password and without a passkey."),
            _ => new Refusal(ErrorCode.SessionEnded, EndReason.Disabled),
        };

    /// <summary>Verifies the newest code of a session. Null if it is wrong, used, over or guessed at too often.</summary>
    public async Task<MailUse?> VerifyAsync(Account account, Guid sessionId, string code, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await codes.FindAsync(account, sessionId, now - MailCode.Lifetime, ct) is not { } mail)
        {
            return null;
        }

        FailureKey[] key = [new(keys.Failures.OfMailCode(mail), FailureLimits.MailCode.Fade)];
        using var attempt = await counter.BeginAsync(
            key,
            read => read[0].CountAt(now, FailureLimits.MailCode.Fade) < FailureLimits.MailCode.Allowed ? key : null,
            ct);
        if (attempt is null)
        {
            return null;
        }

        if (MailCode.IsOf(mail, code.Replace(" ", "", StringComparison.Ordinal), keys.Root))
        {
            return new MailUse(mail, ErrorCode.InvalidCredentials);
        }

        attempt.Fail();
        return null;
    }
}
