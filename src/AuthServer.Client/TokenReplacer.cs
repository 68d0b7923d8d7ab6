namespace AuthServer.Client;

/// <summary>Sends a request that replaces all tokens of the session, such as a change of password. Safe to share.</summary>
/// <param name="held">The session.</param>
/// <param name="clock">Measures the life of the new access token.</param>
/// <param name="ended">Called with a session that has ended by the answer, once.</param>
internal sealed class TokenReplacer(HeldSession held, TimeProvider clock, Action<SessionEndedEventArgs> ended)
{
    /// <summary>Sends the request while no refresh presents one of the tokens, and keeps the new pair.</summary>
    /// <param name="sendAsync">Sends the request with the access token and the refresh token.</param>
    /// <param name="ct">Ends the wait for a refresh that is under way.</param>
    /// <returns>False if nothing was changed because there is no session, or no access token that the server accepts.</returns>
    public async Task<bool> TryReplaceAsync(Func<AccessToken, string, Task<TokenPair>> sendAsync, CancellationToken ct)
    {
        StoredSession? presented = null;
        try
        {
            await held.Presenting.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                presented = await held.ReadAsync(ct).ConfigureAwait(false);
                return held.Fresh is { } token && presented?.SessionId == token.SessionId
                    && await TryKeepAsync(() => sendAsync(token, presented.RefreshToken), token).ConfigureAwait(false);
            }
            finally
            {
                held.Presenting.Release();
            }
        }
        catch (AuthServerException refusal) when (refusal.EndsSession && presented is not null)
        {
            if (await held.TryEndAsync(presented.SessionId, stored => stored == presented).ConfigureAwait(false))
            {
                ended(new SessionEndedEventArgs(presented.SessionId, refusal.Code, refusal.Reason));
            }

            throw;
        }
    }

    private async Task<bool> TryKeepAsync(Func<Task<TokenPair>> sendAsync, AccessToken token)
    {
        var sentAt = Moment.Now(clock);
        try
        {
            var pair = await sendAsync().ConfigureAwait(false);
            await held.KeepReplacementAsync(pair, new AccessToken(pair, sentAt)).ConfigureAwait(false);
            return true;
        }
        catch (AuthServerException refusal) when (refusal.Code == AuthServerErrorCodes.AccessTokenExpired)
        {
            token.Refuse();
            return false;
        }
    }
}
