namespace AuthServer.Client;

/// <summary>The requests that carry no access token, or one that no refresh may replace meanwhile.</summary>
internal sealed class ServerApi(ServerHttp server, TimeProvider clock)
{
    // No attempt of a logout begins later. A session whose logout was lost ends when it has been idle for long enough.
    private static readonly TimeSpan LogoutBudget = TimeSpan.FromSeconds(10);

    public async Task<RegisteredUser> RegisterAsync(RegisterBody account, CancellationToken ct)
    {
        using var body = ClientJson.Body(account, ClientJson.Default.RegisterBody);
        return await server.SendAsync(HttpMethod.Post, "register", body, ClientJson.Default.RegisteredUser, first: null, ct)
            .ConfigureAwait(false);
    }

    public async Task<TokenPair> LoginAsync(string path, HttpContent body, string? deviceToken, CancellationToken ct)
    {
        using var handler = new CredentialsHandler(accessToken: null, deviceToken);
        return await GetPairAsync(path, body, handler, ct).ConfigureAwait(false);
    }

    /// <summary>Sends a password of the user of a session, whose tokens the pair replaces.</summary>
    public async Task<TokenPair> ReplaceTokensAsync(
        string path, HttpContent body, AccessToken accessToken, string? deviceToken, CancellationToken ct)
    {
        using var handler = new CredentialsHandler(accessToken, deviceToken);
        return await GetPairAsync(path, body, handler, ct).ConfigureAwait(false);
    }

    /// <summary>Presents a refresh token once, in the body alone. An answer that comes after the timeout is discarded.</summary>
    /// <exception cref="AuthServerException">The answer was not a pair.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public Task<TokenPair> RefreshAsync(string refreshToken, TimeSpan timeout, CancellationToken ct) => WithTimeoutAsync(
        async limited =>
        {
            using var body = ClientJson.Body(new RefreshTokenBody(refreshToken), ClientJson.Default.RefreshTokenBody);
            return await server.SendAsync(HttpMethod.Post, "refresh", body, ClientJson.Default.TokenPair, first: null, limited)
                .ConfigureAwait(false);
        },
        timeout,
        ct);

    /// <summary>Ends a session by any of its refresh tokens. Sent again for up to 10 seconds if there is no answer.</summary>
    /// <exception cref="HttpRequestException">The last attempt failed.</exception>
    public async Task LogoutAsync(string refreshToken, CancellationToken ct)
    {
        var budget = new RetryBudget(clock, LogoutBudget);
        var schedule = new RetrySchedule();
        while (true)
        {
            try
            {
                await LogoutOnceAsync(refreshToken, schedule.AttemptTimeout, ct).ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException failure)
            {
                if (schedule.WaitAfter(failure) is not { } wait || !budget.Allows(wait))
                {
                    throw;
                }

                await Task.Delay(wait, clock, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<TokenPair> GetPairAsync(
        string path, HttpContent body, CredentialsHandler handler, CancellationToken ct)
    {
        var pair = await server.SendAsync(HttpMethod.Post, path, body, ClientJson.Default.TokenPair, handler, ct)
            .ConfigureAwait(false);
        return pair with { DeviceToken = handler.Received };
    }

    private async Task LogoutOnceAsync(string refreshToken, TimeSpan timeout, CancellationToken ct) => await WithTimeoutAsync(
        async limited =>
        {
            using var body = ClientJson.Body(new RefreshTokenBody(refreshToken), ClientJson.Default.RefreshTokenBody);
            await server.SendAsync(HttpMethod.Post, "logout", body, first: null, limited).ConfigureAwait(false);
            return true;
        },
        timeout,
        ct).ConfigureAwait(false);

    private async Task<T> WithTimeoutAsync<T>(
        Func<CancellationToken, Task<T>> attemptAsync, TimeSpan timeout, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            // The cancellation closes the connection. A handler of the program may ignore it, and is not waited for.
            var attempt = attemptAsync(either.Token);
            attempt.ObserveFailure();
            return await attempt.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            throw ServerResponses.TimedOut(exception);
        }
    }
}
