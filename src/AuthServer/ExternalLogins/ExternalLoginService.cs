using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.ExternalLogins;

/// <summary>Logs in by identities at other providers. Safe to share.</summary>
internal sealed class ExternalLoginService(
    AccountStore accounts, SessionOpeningService sessions, RegistrationService registration, TimeProvider clock)
{
    /// <summary>
    /// Opens a session of the account that an identity is linked to, or of a new account. Refuses with <see
    /// cref="ErrorCode.TooManyRequests"/>, or as <see cref="SessionOpeningService.OpenAsync"/> and <see
    /// cref="RegistrationService.RegisterIdentityAsync"/> do.
    /// </summary>
    /// <param name="identity">The identity, which the provider has just proved.</param>
    /// <param name="purpose">The kind of session, and the session that it takes the place of.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="mayRegister">Counts a registration of the client. False if it has had too many.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<Outcome<TokenPair>> LogInAsync(
        ExternalIdentity identity,
        ExternalLoginPurpose purpose,
        ClientInfo client,
        Func<bool> mayRegister,
        CancellationToken ct) =>
        sessions.CountAsync(() => TryLogInAsync(identity, purpose, client, mayRegister, ct));

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

            var methods = AuthenticationMethods.External
                | (identity.IsMultiFactor ? AuthenticationMethods.MultiFactor : default);
            var proof = new AuthenticationProof(account.Id, methods, clock.GetUtcNow(), account.SecurityStamp);
            var session = new NewSession(proof, Rehash: null, DeviceName: null, client, purpose.Replaces);
            if (await sessions.OpenAsync(session, purpose.Kind, ct) is { } outcome)
            {
                return outcome;
            }

            // Credentials have changed meanwhile, and the identity may be another account's.
        }
    }
}
