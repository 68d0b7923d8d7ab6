namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>What a device was told of a session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Generation">How many rotations were acknowledged.</param>
/// <param name="AccessToken">The newest access token.</param>
/// <param name="RefreshToken">The newest refresh token.</param>
public sealed record HeldSession(Guid SessionId, int Generation, string AccessToken, string RefreshToken);

/// <summary>A client that remembers what the server acknowledged, and what it asked for without being answered.</summary>
/// <param name="username">Whose it is.</param>
/// <param name="wantsToLeave">Asked before each request of a session: whether to log out.</param>
public sealed class Device(string username, Func<bool> wantsToLeave)
{
    private readonly List<HeldSession> loggedOut = [];

    public string Username => username;

    /// <summary>The session that the device is in; null between a logout and the next login.</summary>
    public HeldSession? Session { get; private set; }

    /// <summary>The sessions whose logout was acknowledged.</summary>
    public IReadOnlyList<HeldSession> LoggedOut => loggedOut;

    /// <summary>What was asked for and not answered: its outcome is the server's secret.</summary>
    public Request? Unanswered { get; private set; }

    /// <summary>How many rotations were acknowledged, over all sessions.</summary>
    public int Rotations { get; private set; }

    public enum Request
    {
        Login,
        Refresh,
        Logout,
    }

    public Task LogInAsync(HttpClient http) => AskAsync(Request.Login, async () =>
    {
        var pair = await http.LogInAsync(username);
        Session = new HeldSession(pair.SessionId, 0, pair.AccessToken, pair.RefreshToken);
    });

    /// <summary>Refreshes, which has to work; where the last refresh was not answered this repeats it.</summary>
    public Task RefreshAsync(HttpClient http) => AskAsync(Request.Refresh, async () =>
    {
        var pair = await http.RefreshAsync(Session!.RefreshToken);
        Assert.Equal(Session.SessionId, pair.SessionId);
        Session = new HeldSession(pair.SessionId, Session.Generation + 1, pair.AccessToken, pair.RefreshToken);
        Rotations++;
    });

    /// <summary>Logs out; where the last logout was not answered this repeats it.</summary>
    public Task LogOutAsync(HttpClient http) => AskAsync(Request.Logout, async () =>
    {
        await http.LogOutAsync(Session!.RefreshToken);
        loggedOut.Add(Session);
        Session = null;
    });

    /// <summary>Asks for one thing after another: mostly refreshes, sometimes a logout and a new login.</summary>
    /// <param name="http">The server.</param>
    /// <param name="requests">How many to ask for, if the server lives so long.</param>
    /// <param name="answered">Told of each answer; says whether to go on.</param>
    public async Task UseAsync(HttpClient http, int requests, Func<bool> answered)
    {
        try
        {
            for (var i = 0; i < requests; i++)
            {
                await (Session is null ? LogInAsync(http) : wantsToLeave() ? LogOutAsync(http) : RefreshAsync(http));
                if (!answered())
                {
                    return;
                }
            }
        }
        catch (HttpRequestException fault) when (fault.StatusCode is null)
        {
            // The server is gone; what it was asked for is unanswered.
        }
    }

    /// <summary>Settles what was not answered, as a client does that finds the server back.</summary>
    public async Task SettleAsync(HttpClient http)
    {
        await (Unanswered switch
        {
            Request.Refresh => RefreshAsync(http),
            Request.Logout => LogOutAsync(http),
            _ => Task.CompletedTask,
        });
        Unanswered = null;
    }

    private async Task AskAsync(Request request, Func<Task> ask)
    {
        Unanswered = request;
        await ask();
        Unanswered = null;
    }
}
