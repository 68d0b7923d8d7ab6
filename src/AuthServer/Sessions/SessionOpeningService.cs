using System.Diagnostics;
using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Opens sessions by proofs, for every way to log in. Safe to share.</summary>
internal sealed class SessionOpeningService(
    SessionStore sessions, TokenPairIssuer tokens, ServerKeys keys, AuthMeter meter, TimeProvider clock)
{
    /// <summary>
    /// Opens a session. Refuses with <see cref="ErrorCode.InvalidCredentials"/>, <see cref="ErrorCode.EmailUnverified"/>, <see
    /// cref="ErrorCode.TooManySessions"/> or that of a <see cref="ProofUse"/>. A login that is right so far is refused with <see
    /// cref="ErrorCode.SecondFactorRequired"/> or <see cref="ErrorCode.SecondFactorSetupRequired"/>, and a challenge.
    /// </summary>
    /// <param name="session">The session, with its proof.</param>
    /// <param name="kind">The kind of session.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>
    /// The first tokens or the handle; null if credentials have changed since the proof, so that it has to be made again.
    /// </returns>
    public async Task<Outcome<TokenPair>?> OpenAsync(NewSession session, SessionKind kind, CancellationToken ct) =>
        await sessions.OpenAsync(session, ct) switch
        {
            SessionOpened opened => tokens.Issue(opened.Grant, kind),
            SessionRefused { Code: ErrorCode.SecondFactorRequired } due => Offer(session, ChallengePurpose.LogIn, due),
            SessionRefused { Code: ErrorCode.SecondFactorSetupRequired } due => Offer(session, ChallengePurpose.SetUp, due),
            SessionRefused refused => refused.Code,
            LoginProofVoid => null,
            var unknown => throw new UnreachableException($"{unknown} is no result of a login."),
        };

    /// <summary>Counts the answer of a login.</summary>
    public async Task<Outcome<T>> CountAsync<T>(Func<Task<Outcome<T>>> logInAsync)
    {
        try
        {
            var outcome = await logInAsync();
            meter.LoginAnswered(outcome.Refusal?.Code);
            return outcome;
        }
        catch (UnavailableException)
        {
            meter.LoginAnswered(ErrorCode.Unavailable);
            throw;
        }
    }

    // The link of a mail is used up by the session alone, so that a wrong code does not cost another mail.
    private Refusal Offer(NewSession session, ChallengePurpose purpose, SessionRefused due)
    {
        var challenge = new SecondFactorChallenge(
            purpose,
            Guid.NewGuid(),
            session.Proof.UserId,
            session.Proof.SecurityStamp,
            session.Proof.Methods,
            session.Uses.OfType<MailUse>().SingleOrDefault()?.MailId,
            session.DeviceName,
            clock.GetUtcNow() + SecondFactorChallenge.Lifetime);
        var text = challenge.Seal(RandomNumberGenerator.GetBytes(SealedValue.NonceLength), keys.Root);
        return new Refusal(due.Code, Offer: new(text, due.Factors));
    }
}
