using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AuthServer.Benchmarks.Load;

/// <summary>The requests that a client sends in a round.</summary>
internal enum RequestKind
{
    Refresh,
    Private,
    Login,
    Ready,
}

/// <summary>
/// A user agent with one session. The session and its refresh tokens last for all rounds; each round has a new connection.
/// </summary>
internal sealed class Client(PeerApi api, string username) : IDisposable
{
    private readonly TokenBuffer access = new();
    private readonly TokenBuffer refresh = new();
    private readonly RequestTemplate? login = api.Login?.Invoke(username);
    private Connection? connection;
    private long renewedAt;

    /// <summary>True if the session is open.</summary>
    public bool IsLoggedIn { get; private set; }

    /// <summary>Opens a new connection and closes the previous one.</summary>
    public async Task ConnectAsync(Target target, CancellationToken ct)
    {
        connection?.Dispose();
        connection = await Connection.OpenAsync(target.Address, ct);
    }

    /// <summary>Closes the connection. The session stays open.</summary>
    public void Disconnect()
    {
        connection?.Dispose();
        connection = null;
    }

    /// <summary>Opens the session, if the server supports logins.</summary>
    /// <exception cref="LoadException">The server refused the login.</exception>
    public async Task LogInAsync(CancellationToken ct)
    {
        if (login is not null && await SendAsync(RequestKind.Login, ct) is { IsSuccess: false } response)
        {
            throw new LoadException($"login of {username}", 1, response.ToString());
        }

        IsLoggedIn = true;
    }

    /// <summary>Renews the access token if it might expire during the next request.</summary>
    /// <exception cref="LoadException">The server refused the refresh.</exception>
    public async ValueTask RenewAsync(CancellationToken ct)
    {
        if (api.AccessTokenRenewalAge is { } age && Stopwatch.GetElapsedTime(renewedAt) > age
            && await SendAsync(RequestKind.Refresh, ct) is { IsSuccess: false } response)
        {
            throw new LoadException("refresh before a private GET", 1, response.ToString());
        }
    }

    /// <summary>Sends a request and returns its response. Keeps the tokens of the response for the next request.</summary>
    public ValueTask<Response> SendAsync(RequestKind kind, CancellationToken ct) => kind switch
    {
        RequestKind.Refresh => SendTokenRequestAsync(api.Refresh!, ct),
        RequestKind.Login => SendTokenRequestAsync(login!, ct),
        RequestKind.Private => connection!.ExchangeAsync(api.Private!, access.Value, ct),
        _ => connection!.ExchangeAsync(api.Ready, default, ct),
    };

    public void Dispose() => Disconnect();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Response> SendTokenRequestAsync(RequestTemplate request, CancellationToken ct)
    {
        var response = await connection!.ExchangeAsync(request, refresh.Value, ct);
        if (response.IsSuccess)
        {
            Keep(
                access,
                api.SessionCookie is { } cookie ? response.FindCookie(cookie) : response.Find(api.AccessTokenMember));
            Keep(refresh, response.Find(api.RefreshTokenMember));
            renewedAt = Stopwatch.GetTimestamp();
        }

        return response;
    }

    private static void Keep(TokenBuffer token, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            token.Set(value);
        }
    }
}
