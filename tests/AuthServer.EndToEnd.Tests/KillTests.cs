using System.Diagnostics.CodeAnalysis;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A server that is killed under load. The variable <c>HARDENING</c> asks for the long form.</summary>
[SuppressMessage("Security", "CA5394", Justification = "A fixed seed, so that a failure can be repeated.")]
public sealed class KillTests(ITestOutputHelper report) : IAsyncDisposable
{
    private const int Devices = 16;

    // Enough for all devices to be busy when the server is killed.
    private const int RequestsPerDevice = 100;
    private const int MinimumResponses = 32;
    private const int MaximumResponses = 320;

    // On average, one request in this many is a logout, followed by a login.
    private const int LogoutEvery = 12;

    private static readonly int Kills = HardeningRun.Of(6, 20);

    // Long enough for a slow machine: a retry after the restart must be within the grace.
    private static readonly string[] Settings = ["Sessions:Grace=00:05:00", "Tokens:AccessLifetime=00:05:00"];

    private readonly DataFolder data = new();
    private readonly List<Device> devices = [.. Enumerable.Range(0, Devices).Select(NewDevice)];
    private readonly Random random = new(Devices);
    private readonly List<string> log = [];
    private ServerProcess? server;

    [Fact]
    public async Task Server_killed_under_load_loses_no_acknowledged_write()
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
            await UseUntilKilledAsync(server, random.Next(MinimumResponses, MaximumResponses));
            log.AddRange((await server.ExitAsync()).Output);
            await server.DisposeAsync();
            server = await ServerProcess.StartAsync(data, Settings);

            report.WriteLine(
                $"Kill {kill}: acknowledged {devices.Sum(d => d.Rotations) - before.Sum(b => b.Rotations)} rotations, "
                + $"{devices.Sum(d => d.LoggedOut.Count) - before.Sum(b => b.Logouts)} logouts; "
                + $"unanswered {devices.Count(d => d.Unanswered is not null)} requests, "
                + $"{CheckDatabase()} of which were written rotations.");
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
        var random = new Random(number);
        return new Device($"user{number}", shouldLogOut: () => random.Next(LogoutEvery) == 0);
    }

    private async Task UseUntilKilledAsync(ServerProcess running, int responses)
    {
        var received = 0;
        await Task.WhenAll(devices.Select(device => Task.Run(() => device.UseAsync(running.Http, RequestsPerDevice, () =>
        {
            var count = Interlocked.Increment(ref received);
            if (count == responses)
            {
                running.Kill();
            }

            return count < responses;
        }))));
        Assert.True(received >= responses, "The devices finished before the server was killed.");
    }

    /// <summary>Asserts that the database file has all acknowledged writes, before a device sends its next request.</summary>
    /// <returns>The number of rotations that were written but got no response.</returns>
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
                Assert.True(!ended || device.Unanswered == Device.Request.Logout, "The session ended without a logout.");
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

    private static async Task CheckAsync(HttpClient http, Device device, IEnumerable<AcknowledgedSession> loggedOut)
    {
        await device.RepeatUnansweredAsync(http);
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
