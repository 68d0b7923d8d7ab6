namespace AuthServer.Client;

/// <summary>What is asked of the server without an access token.</summary>
internal sealed class ServerApi(ServerHttp server, TimeProvider clock)
{
    // Nobody waits for ever to leave; what was not told ends by itself when the session has been idle long enough.
    private static readonly TimeSpan LogoutBudget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestLogout = TimeSpan.FromSeconds(10);

    public async Task<RegisteredUser> RegisterAsync(RegisterBody wish, CancellationToken ct)
    {
        using var http = server.Open();
        using var body = Wire.Body(wish, Wire.Default.RegisterBody);
        return await http.AskAsync(HttpMethod.Post, "register", body, Wire.Default.RegisteredUser, ct).ConfigureAwait(false);
    }

    public async Task<TokenPair> LoginAsync(LoginBody credentials, CancellationToken ct)
    {
        using var http = server.Open();
        using var body = Wire.Body(credentials, Wire.Default.LoginBody);
        return await http.AskAsync(HttpMethod.Post, "login", body, Wire.Default.TokenPair, ct).ConfigureAwait(false);
    }

    /// <summary>Presents a refresh token once, in the body alone. An answer that comes after the limit is none.</summary>
    /// <exception cref="AuthServerException">There was an answer, but no pair.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public Task<TokenPair> RefreshAsync(string refreshToken, TimeSpan limit, CancellationToken ct) => InTimeAsync(
        limit,
        async limited =>
        {
            using var http = server.Open();
            using var body = Wire.Body(new RefreshTokenBody(refreshToken), Wire.Default.RefreshTokenBody);
            return await http.AskAsync(HttpMethod.Post, "refresh", body, Wire.Default.TokenPair, limited).ConfigureAwait(false);
        },
        ct);

    /// <summary>Ends a session by any of its refresh tokens, trying again for a while where the server doesn't answer.</summary>
    public async Task LogoutAsync(string refreshToken, CancellationToken ct)
    {
        var patience = new Patience(clock, LogoutBudget, LongestLogout);
        while (true)
        {
            try
            {
                await LogoutOnceAsync(refreshToken, patience.TryTime, ct).ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException failure)
            {
                if (!await patience.WaitAsync(failure, ct).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private async Task LogoutOnceAsync(string refreshToken, TimeSpan limit, CancellationToken ct) => await InTimeAsync(
        limit,
        async limited =>
        {
            using var http = server.Open();
            using var body = Wire.Body(new RefreshTokenBody(refreshToken), Wire.Default.RefreshTokenBody);
            await http.TellAsync(HttpMethod.Post, "logout", body, limited).ConfigureAwait(false);
            return true;
        },
        ct).ConfigureAwait(false);

    private async Task<T> InTimeAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> tryAsync, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            return await tryAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            throw ServerAnswers.TooLate(exception);
        }
    }
}
