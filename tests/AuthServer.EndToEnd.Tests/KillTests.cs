using System.Diagnostics.CodeAnalysis;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

[SuppressMessage("Security", "CA5394", Justification = "The same numbers each time, so that a failure can be repeated.")]
public sealed class KillTests(ITestOutputHelper report) : IAsyncDisposable
{
    private const int Kills = 20;
    private const int Devices = 16;

    // So many that all devices are busy when the server dies.
    private const int RequestsEach = 100;
    private const int FewestAnswers = 32;
    private const int MostAnswers = 320;

    // One request in so many is a logout, and the next one a login.
    private const int LogoutEvery = 12;

    // Nothing here may depend on how fast the machine is: a retry counts as one however long the server was away.
    private static readonly string[] Settings = ["Sessions:Grace=00:05:00", "Tokens:AccessLifetime=00:05:00"];

    private readonly DataFolder data = new();
    private readonly List<Device> devices = [.. Enumerable.Range(0, Devices).Select(NewDevice)];
    private readonly Random chance = new(Devices);
    private readonly List<string> log = [];
    private ServerProcess? server;

    [Fact]
    public async Task Server_killed_under_load_has_lost_nothing_it_acknowledged()
    {
        server = await ServerProcess.StartAsync(data, Settings);
        foreach (var device in devices)
        {
            await server.Http.RegisterAsync(device.Username);
            await device.LogInAsync(server.Http);
        }

        for (var kill = 1; kill <= Kills; kill++)
        {
            var before = devices.ConvertAll(d => (d.Rotations, Logouts: d.LoggedOut.Count));
            await UseUntilKilledAsync(server, chance.Next(FewestAnswers, MostAnswers));
            log.AddRange((await server.ExitAsync()).Output);
            await server.DisposeAsync();
            server = await ServerProcess.StartAsync(data, Settings);

            report.WriteLine(
                $"Kill {kill}: acknowledged {devices.Sum(d => d.Rotations) - before.Sum(b => b.Rotations)} rotations, "
                + $"{devices.Sum(d => d.LoggedOut.Count) - before.Sum(b => b.Logouts)} logouts; "
                + $"unanswered {devices.Count(d => d.Unanswered is not null)} requests, "
                + $"{CheckDatabase()} of them rotations that were written.");
            foreach (var (device, (_, logouts)) in devices.Zip(before))
            {
                await CheckAsync(server.Http, device, device.LoggedOut.Skip(logouts));
            }
        }

        foreach (var session in devices.SelectMany(device => device.LoggedOut))
        {
            await (await server.Http.PresentAsync(session.RefreshToken)).ShouldBeLoggedOutAsync();
        }

        await server.TerminateAsync();
        log.AddRange((await server.ExitAsync()).Output);

        Assert.Empty(log.OfEvent(ServerEvent.RefreshTokenReused));
        Assert.Empty(log.OfEvent(ServerEvent.GenerationRecovered));
    }

    public async ValueTask DisposeAsync()
    {
        await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        data.Dispose();
    }

    private static Device NewDevice(int number)
    {
        var chance = new Random(number);
        return new Device($"user{number}", () => chance.Next(LogoutEvery) == 0);
    }

    private async Task UseUntilKilledAsync(ServerProcess running, int answers)
    {
        var answered = 0;
        await Task.WhenAll(devices.Select(device => Task.Run(() => device.UseAsync(running.Http, RequestsEach, () =>
        {
            var count = Interlocked.Increment(ref answered);
            if (count == answers)
            {
                running.Kill();
            }

            return count < answers;
        }))));
        Assert.True(answered >= answers, "The devices finished before the server was killed.");
    }

    /// <summary>Looks for all that was acknowledged in the file itself, before any device asks for it.</summary>
    /// <returns>How many rotations were written whose answer did not arrive.</returns>
    private int CheckDatabase()
    {
        using var database = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        var written = 0;
        foreach (var device in devices)
        {
            Assert.All(device.LoggedOut, session => Assert.Equal((session.Generation, true), RowOf(database, session.SessionId)));
            if (device.Session is { } session)
            {
                var (generation, ended) = RowOf(database, session.SessionId);
                var isWritten = generation == session.Generation + 1 && device.Unanswered == Device.Request.Refresh;
                Assert.True(
                    isWritten || generation == session.Generation, $"{session.Generation} acknowledged, {generation} stored");
                Assert.True(!ended || device.Unanswered == Device.Request.Logout, "ended by nobody");
                written += isWritten ? 1 : 0;
            }
        }

        return written;
    }

    private static (int Generation, bool Ended) RowOf(SqliteConnection database, Guid sessionId)
    {
        using var command = database.CreateCommand();
        command.CommandText = "SELECT generation, ended_at IS NOT NULL FROM sessions WHERE id = $id";
        command.Parameters.AddWithValue("$id", sessionId.ToByteArray(bigEndian: true));
        using var row = command.ExecuteReader();
        Assert.True(row.Read(), "The session is not stored.");
        return (row.GetInt32(0), row.GetBoolean(1));
    }

    private static async Task CheckAsync(HttpClient http, Device device, IEnumerable<HeldSession> loggedOut)
    {
        await device.SettleAsync(http);
        foreach (var session in loggedOut)
        {
            await (await http.PresentAsync(session.RefreshToken)).ShouldBeLoggedOutAsync();
            await (await http.GetMeAsync(session.AccessToken)).ShouldBeLoggedOutAsync();
        }

        if (device.Session is null)
        {
            await device.LogInAsync(http);
        }
        else
        {
            await device.RefreshAsync(http);
        }
    }
}
