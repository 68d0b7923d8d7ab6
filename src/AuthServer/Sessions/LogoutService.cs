using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Ends sessions by the tokens they gave out.</summary>
internal sealed class LogoutService(SessionCommandQueue sessions, ServerKeys keys, AccessTokenReader accessTokens)
{
    /// <summary>
    /// Ends the session of the presented tokens, and that of the handle. Does nothing if it has ended or is unknown, or if a lone
    /// refresh token or the handle is forged. Refuses with <see cref="ErrorCode.AccessTokenMissing"/> if there is no token, <see
    /// cref="ErrorCode.AccessTokenInvalid"/> or <see cref="ErrorCode.AccessTokenExpired"/> for a lone access token, and <see
    /// cref="ErrorCode.TokenMismatch"/> if the two don't agree.
    /// </summary>
    public async Task<Outcome<Unit>> LogoutAsync(PresentedTokens presented, ClientInfo client)
    {
        var access = presented.AccessToken is { } accessToken ? await accessTokens.ReadAsync(accessToken) : null;
        Guid? refreshed = RefreshToken.TryParse(presented.RefreshToken, keys.Refresh, out var token) ? token.SessionId : null;
        switch (presented)
        {
            case { AccessToken: null, RefreshToken: null, Handle: null }:
                return ErrorCode.AccessTokenMissing;
            case { AccessToken: not null, RefreshToken: null } when access is null:
                return ErrorCode.AccessTokenInvalid;
            case { AccessToken: not null, RefreshToken: null } when access.HasExpired:
                return ErrorCode.AccessTokenExpired;
            case { AccessToken: not null, RefreshToken: not null } when access is null || access.SessionId != refreshed:
                return ErrorCode.TokenMismatch;
        }

        Guid? handled = SessionHandle.TryParse(presented.Handle, keys.Handles, out var handle) ? handle.SessionId : null;
        foreach (var sessionId in new[] { access?.SessionId ?? refreshed, handled }.OfType<Guid>())
        {
            await sessions.EndAsync(sessionId, EndReason.Logout, userId: null, client);
        }

        return default(Unit);
    }
}
