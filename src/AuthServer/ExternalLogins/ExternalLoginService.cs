using System.Diagnostics;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.ExternalLogins;

/// <summary>Logs in by identities at other providers. Safe to share.</summary>
internal sealed class ExternalLoginService(
    AccountStore accounts,
    SessionStore sessions,
    RegistrationService registration,
    TokenPairIssuer tokens,
    AuthMeter meter,
    TimeProvider clock)
{
    /// <summary>
    /// Opens a session of the account that an identity is linked to, or of a new account. Refuses with <see
    /// cref="ErrorCode.InvalidCredentials"/>, <see cref="ErrorCode.TooManySessions"/>, <see cref="ErrorCode.TooManyRequests"/>,
    /// or as <see cref="RegistrationService.RegisterIdentityAsync"/> does.
    /// </summary>
    /// <param name="identity">The identity, which the provider has just proved.</param>
    /// <param name="purpose">The kind of session, and the session that it takes the place of.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="mayRegister">Counts a registration of the client. False if it has had too many.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<TokenPair>> LogInAsync(
        ExternalIdentity identity,
        ExternalLoginPurpose purpose,
        ClientInfo client,
        Func<bool> mayRegister,
        CancellationToken ct)
    {
        try
        {
            var outcome = await TryLogInAsync(identity, purpose, client, mayRegister, ct);
            meter.LoginAnswered(outcome.Refusal?.Code);
            return outcome;
        }
        catch (UnavailableException)
        {
            meter.LoginAnswered(ErrorCode.Unavailable);
            throw;
        }
    }

    private async Task<Outcome<TokenPair>> TryLogInAsync(
        ExternalIdentity identity,
        ExternalLoginPurpose purpose,
        ClientInfo client,
        Func<bool> mayRegister,
        CancellationToken ct)
    {
        while (true)
        {
            if (await accounts.FindAsync(identity, ct) is not { } account)
            {
                if (!mayRegister())
                {
                    return ErrorCode.TooManyRequests;
                }

                if ((await registration.RegisterIdentityAsync(identity, client, ct)).Refusal is { } closed)
                {
                    return closed;
                }

                continue;
            }

            var proof = new AuthenticationProof(
                account.Id, AuthenticationMethods.External, clock.GetUtcNow(), account.SecurityStamp);
            var session = new NewSession(proof, Rehash: null, DeviceName: null, client, purpose.Replaces);
            switch (await sessions.OpenAsync(session, ct))
            {
                case SessionOpened opened:
                    return tokens.Issue(opened.Grant, purpose.Kind);
                case SessionRefused refused:
                    return refused.Code;
                case LoginProofVoid:
                    // Credentials have changed meanwhile, and the identity may be another account's.
                    continue;
                case var unknown:
                    throw new UnreachableException($"{unknown} is no result of a login.");
            }
        }
    }
}
