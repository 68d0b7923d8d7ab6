using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Opens sessions by proofs, for every way to log in. Safe to share.</summary>
internal sealed class SessionOpeningService(SessionStore sessions, TokenPairIssuer tokens, AuthMeter meter)
{
    /// <summary>
    /// Opens a session. Refuses with <see cref="ErrorCode.InvalidCredentials"/>, <see cref="ErrorCode.EmailUnverified"/>, <see
    /// cref="ErrorCode.LinkInvalid"/> or <see cref="ErrorCode.TooManySessions"/>.
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
}
