using System.Diagnostics.CodeAnalysis;
using AuthServer.EndToEnd.Tests.Support;
using Npgsql;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Many devices that send requests in parallel. No request may fail, whichever nodes and databases are killed.</summary>
[SuppressMessage("Security", "CA5394", Justification = "Fixed seeds, so that a failure can be repeated.")]
public sealed class Fleet
{
    // On average, one refresh in this many is sent twice at the same time, as by two tabs.
    private const int TwiceEvery = 8;

    private readonly List<Device> devices;
    private readonly List<Random> randoms;
    private readonly int logoutEvery;
    private int responses;
    private bool hasFailed;

    /// <summary>Creates devices without sessions.</summary>
    /// <param name="count">Number of devices.</param>
    /// <param name="logoutEvery">On average, one request in this many is a logout, followed by a login; 0 for no logouts.</param>
    public Fleet(int count, int logoutEvery)
    {
        this.logoutEvery = logoutEvery;
        randoms = [.. Enumerable.Range(0, count).Select(number => new Random(number))];
        devices = [.. randoms.Select((_, number) => new Device($"user{number}", shouldLogOut: () => false))];
    }

    /// <summary>Called with the access token after each login and refresh.</summary>
    public Func<string, Task> UseTokenAsync { get; init; } = _ => Task.CompletedTask;

    public IReadOnlyList<Device> Devices => devices;

    /// <summary>Number of responses to all devices.</summary>
    public int Responses => Volatile.Read(ref responses);

    public async Task LogInAsync(HttpClient http) => await Task.WhenAll(devices.Select(async device =>
    {
        await http.RegisterAsync(device.Username);
        await device.LogInAsync(http);
    }));

    /// <summary>Sends one request after another from each device, mostly refreshes, until an action has completed.</summary>
    public async Task UseDuringAsync(HttpClient http, Func<Task> actionAsync)
    {
        using var stop = new CancellationTokenSource();
        var use = Task.WhenAll(devices.Select((device, number) =>
            Task.Run(() => UseAsync(http, device, randoms[number], stop.Token))));
        try
        {
            await actionAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await use;
        }
    }

    /// <summary>Refreshes the session of each device. A device without a session logs in.</summary>
    public Task RefreshAsync(HttpClient http) =>
        Task.WhenAll(devices.Select(device => device.Session is null ? device.LogInAsync(http) : device.RefreshAsync(http)));

    /// <summary>Waits until the devices have received a number of further responses.</summary>
    public async Task WaitForResponsesAsync(int count)
    {
        for (var end = Responses + count; Responses < end;)
        {
            Assert.False(Volatile.Read(ref hasFailed), "A request of a device failed.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Counts the generations that were acknowledged to the devices but are missing in a database. Asserts that no session has
    /// ended, except sessions whose logout got no response, which may have.
    /// </summary>
    public async Task<int> CountMissingAsync(string connectionString)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(ct);
        var missing = 0;
        foreach (var device in devices.Where(device => device is { Session: not null, Unanswered: not Device.Request.Logout }))
        {
            var session = device.Session!;
            const string Sql = "SELECT generation FROM sessions WHERE id = $1 AND ended_at IS NULL";
            await using var command = new NpgsqlCommand(Sql, connection)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = session.SessionId } },
            };
            var stored = (int)Assert.IsType<long>(await command.ExecuteScalarAsync(ct));
            missing += Math.Max(0, session.Generation - stored);
        }

        return missing;
    }

    private async Task UseAsync(HttpClient http, Device device, Random random, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await UseAsync(http, device, random);
                await (device.Session is { } session ? UseTokenAsync(session.AccessToken) : Task.CompletedTask);
                Interlocked.Increment(ref responses);
            }
        }
        catch
        {
            Volatile.Write(ref hasFailed, true);
            throw;
        }
    }

    private async Task UseAsync(HttpClient http, Device device, Random random)
    {
        if (device.Session is null)
        {
            await device.LogInAsync(http);
        }
        else if (logoutEvery > 0 && random.Next(logoutEvery) == 0)
        {
            await device.LogOutAsync(http);
        }
        else if (random.Next(TwiceEvery) == 0)
        {
            var presented = device.Session.RefreshToken;
            var pairs = await Task.WhenAll(http.RefreshAsync(presented), http.RefreshAsync(presented));
            await device.RefreshAsync(http);
            Assert.All(pairs, pair => Assert.Equal(device.Session.RefreshToken, pair.RefreshToken));
        }
        else
        {
            await device.RefreshAsync(http);
        }
    }
}
