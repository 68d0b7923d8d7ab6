namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A session as the server last acknowledged it to a device.</summary>
/// <param name="SessionId">The id of the session.</param>
/// <param name="Generation">Number of acknowledged rotations.</param>
/// <param name="AccessToken">The newest access token.</param>
/// <param name="RefreshToken">The newest refresh token.</param>
public sealed record AcknowledgedSession(Guid SessionId, int Generation, string AccessToken, string RefreshToken);

/// <summary>A client that records the acknowledged state of its session, and its last request that got no response.</summary>
/// <param name="username">The user of the device.</param>
/// <param name="shouldLogOut">Called before each request of a session. True to log out, false to refresh.</param>
public sealed class Device(string username, Func<bool> shouldLogOut)
{
    private readonly List<AcknowledgedSession> loggedOut = [];

    public string Username => username;

    /// <summary>The current session; null between a logout and the next login.</summary>
    public AcknowledgedSession? Session { get; private set; }

    /// <summary>The sessions whose logout was acknowledged.</summary>
    public IReadOnlyList<AcknowledgedSession> LoggedOut => loggedOut;

    /// <summary>The last request if it got no response. Its outcome is unknown.</summary>
    public Request? Unanswered { get; private set; }

    /// <summary>Number of acknowledged rotations of all sessions.</summary>
    public int Rotations { get; private set; }

    public enum Request
    {
        Login,
        Refresh,
        Logout,
    }

    public Task LogInAsync(HttpClient http) => SendAsync(Request.Login, async () =>
    {
        var pair = await http.LogInAsync(username);
        Session = new AcknowledgedSession(pair.SessionId, 0, pair.AccessToken, pair.RefreshToken);
    });

    /// <summary>Refreshes, and asserts success. Repeats the last refresh if that got no response.</summary>
    public Task RefreshAsync(HttpClient http) => SendAsync(Request.Refresh, async () =>
    {
        var pair = await http.RefreshAsync(Session!.RefreshToken);
        Assert.Equal(Session.SessionId, pair.SessionId);
        Session = new AcknowledgedSession(pair.SessionId, Session.Generation + 1, pair.AccessToken, pair.RefreshToken);
        Rotations++;
    });

    /// <summary>Logs out, and asserts success. Repeats the last logout if that got no response.</summary>
    public Task LogOutAsync(HttpClient http) => SendAsync(Request.Logout, async () =>
    {
        await http.LogOutAsync(Session!.RefreshToken);
        loggedOut.Add(Session);
        Session = null;
    });

    /// <summary>Sends one request after another, mostly refreshes, until the server is gone.</summary>
    /// <param name="http">The client of the server.</param>
    /// <param name="requests">Maximum number of requests.</param>
    /// <param name="shouldContinue">Called after each response. True to continue.</param>
    public async Task UseAsync(HttpClient http, int requests, Func<bool> shouldContinue)
    {
        try
        {
            for (var i = 0; i < requests; i++)
            {
                await (Session is null ? LogInAsync(http) : shouldLogOut() ? LogOutAsync(http) : RefreshAsync(http));
                if (!shouldContinue())
                {
                    return;
                }
            }
        }
        catch (HttpRequestException fault) when (fault.StatusCode is null)
        {
            // The server is gone. Unanswered has the request.
        }
    }

    /// <summary>Repeats a refresh or logout that got no response, like a client that can reach the server again.</summary>
    public async Task RepeatUnansweredAsync(HttpClient http)
    {
        await (Unanswered switch
        {
            Request.Refresh => RefreshAsync(http),
            Request.Logout => LogOutAsync(http),
            _ => Task.CompletedTask,
        });
        Unanswered = null;
    }

    private async Task SendAsync(Request request, Func<Task> sendAsync)
    {
        Unanswered = request;
        await sendAsync();
        Unanswered = null;
    }
}
