using System.Diagnostics.CodeAnalysis;
using AuthServer.EndToEnd.Tests.Support;
using Npgsql;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Many devices at once, each with a session that has to go on whatever becomes of nodes and databases.</summary>
[SuppressMessage("Security", "CA5394", Justification = "The same numbers each time, so that a failure can be repeated.")]
public sealed class Fleet
{
    // One request in so many is from two tabs at once.
    private const int TwiceEvery = 8;

    private readonly List<Device> devices;
    private readonly List<Random> chances;
    private readonly int logoutEvery;
    private int answers;
    private bool hasFailed;

    /// <param name="count">How many devices.</param>
    /// <param name="logoutEvery">One request in so many is a logout, and the next one a login; 0 for none.</param>
    public Fleet(int count, int logoutEvery)
    {
        this.logoutEvery = logoutEvery;
        chances = [.. Enumerable.Range(0, count).Select(number => new Random(number))];
        devices = [.. chances.Select((_, number) => new Device($"user{number}", wantsToLeave: () => false))];
    }

    public IReadOnlyList<Device> Devices => devices;

    /// <summary>Answers that all devices together have had.</summary>
    public int Answers => Volatile.Read(ref answers);

    public async Task LogInAsync(HttpClient http) => await Task.WhenAll(devices.Select(async device =>
    {
        await http.RegisterAsync(device.Username);
        await device.LogInAsync(http);
    }));

    /// <summary>Has each device ask for one thing after another, mostly refreshes, while something is done.</summary>
    public async Task UseDuringAsync(HttpClient http, Func<Task> somethingAsync)
    {
        using var enough = new CancellationTokenSource();
        var use = Task.WhenAll(devices.Select((device, number) => Task.Run(() => UseAsync(http, device, chances[number], enough.Token))));
        try
        {
            await somethingAsync();
        }
        finally
        {
            await enough.CancelAsync();
            await use;
        }
    }

    /// <summary>Has each device refresh once more.</summary>
    public Task RefreshAsync(HttpClient http) =>
        Task.WhenAll(devices.Select(device => device.Session is null ? device.LogInAsync(http) : device.RefreshAsync(http)));

    /// <summary>Waits until all devices together had so many answers more.</summary>
    public async Task AnsweredAsync(int more)
    {
        for (var enough = Answers + more; Answers < enough;)
        {
            Assert.False(Volatile.Read(ref hasFailed), "A device was refused.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// How many generations a database is behind what the devices were told. Every session lives there, but for those whose logout was not
    /// answered, which nobody knows of.
    /// </summary>
    public async Task<int> CountMissingAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var missing = 0;
        foreach (var device in devices.Where(device => device is { Session: not null, Unanswered: not Device.Request.Logout }))
        {
            var session = device.Session!;
            await using var command = new NpgsqlCommand("SELECT generation FROM sessions WHERE id = $1 AND ended_at IS NULL", connection)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = session.SessionId } },
            };
            missing += Math.Max(0, session.Generation - (int)Assert.IsType<long>(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)));
        }

        return missing;
    }

    private async Task UseAsync(HttpClient http, Device device, Random chance, CancellationToken enough)
    {
        try
        {
            while (!enough.IsCancellationRequested)
            {
                await UseAsync(http, device, chance);
                Interlocked.Increment(ref answers);
            }
        }
        catch
        {
            Volatile.Write(ref hasFailed, true);
            throw;
        }
    }

    private async Task UseAsync(HttpClient http, Device device, Random chance)
    {
        if (device.Session is null)
        {
            await device.LogInAsync(http);
        }
        else if (logoutEvery > 0 && chance.Next(logoutEvery) == 0)
        {
            await device.LogOutAsync(http);
        }
        else if (chance.Next(TwiceEvery) == 0)
        {
            var pairs = await Task.WhenAll(http.RefreshAsync(device.Session.RefreshToken), http.RefreshAsync(device.Session.RefreshToken));
            await device.RefreshAsync(http);
            Assert.All(pairs, pair => Assert.Equal(device.Session.RefreshToken, pair.RefreshToken));
        }
        else
        {
            await device.RefreshAsync(http);
        }
    }
}
