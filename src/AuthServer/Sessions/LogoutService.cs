using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Ends sessions by the tokens they gave out.</summary>
internal sealed class LogoutService(SessionCommandQueue sessions, ServerKeys keys, AccessTokenReader accessTokens)
{
    /// <summary>
    /// Ends the session of the presented tokens, and those of the handles. Does nothing about one that has ended or is unknown,
    /// about a lone refresh token that is forged, or a forged handle. Refuses with <see cref="ErrorCode.AccessTokenMissing"/> if
    /// there is nothing, <see cref="ErrorCode.AccessTokenInvalid"/> or <see cref="ErrorCode.AccessTokenExpired"/> for a lone
    /// access token, and <see cref="ErrorCode.TokenMismatch"/> if the two tokens don't agree.
    /// </summary>
    public async Task<Outcome<Unit>> LogoutAsync(PresentedTokens presented, ClientInfo client)
    {
        var access = presented.AccessToken is { } accessToken ? await accessTokens.ReadAsync(accessToken) : null;
        Guid? refreshed = RefreshToken.TryParse(presented.RefreshToken, keys.Refresh, out var token) ? token.SessionId : null;
        switch (presented)
        {
            case { AccessToken: null, RefreshToken: null, Handles: null or [] }:
                return ErrorCode.AccessTokenMissing;
            case { AccessToken: not null, RefreshToken: null } when access is null:
                return ErrorCode.AccessTokenInvalid;
            case { AccessToken: not null, RefreshToken: null } when access.HasExpired:
                return ErrorCode.AccessTokenExpired;
            case { AccessToken: not null, RefreshToken: not null } when access is null || access.SessionId != refreshed:
                return ErrorCode.TokenMismatch;
        }

        List<Guid> ended = [];
        foreach (var text in presented.Handles ?? [])
        {
            if (SessionHandle.TryParse(text, keys.Handles, out var handle))
            {
                ended.Add(handle.SessionId);
            }
        }

        if ((access?.SessionId ?? refreshed) is { } sessionId)
        {
            ended.Add(sessionId);
        }

        await EndAsync([.. ended.Distinct().Select(
            id => sessions.EndAsync(id, EndReason.Logout, userId: null, client))]);
        return default(Unit);
    }

    private static async Task EndAsync(Task[] ends)
    {
        try
        {
            await Task.WhenAll(ends);
        }
        catch (UnavailableException exception) when (Array.Exists(ends, end => end.IsCompletedSuccessfully))
        {
            throw new UnavailableException("One of several sessions has ended.", exception) { IsOutcomeUnknown = true };
        }
    }
}
