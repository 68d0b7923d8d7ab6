using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.Benchmarks.Growth;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Delays;

/// <summary>Measures how long refreshes take while many sessions of another user end, and while many are swept.</summary>
/// <param name="program">The published server.</param>
internal sealed class RefreshDelays(string program)
{
    private const int Ended = 50_000;
    private const int Swept = 200_000;
    private const int Clients = 15;
    private const double PerSecond = 650;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    // The server sweeps a minute after its start.
    private static readonly TimeSpan UntilSweep = TimeSpan.FromSeconds(55);

    private readonly List<Delay> alone = [];
    private readonly List<Delay> ending = [];
    private readonly List<Delay> sweeping = [];

    /// <summary>Measures one round.</summary>
    public async Task MeasureAsync(CancellationToken ct)
    {
        await WithServerAsync(await SessionFile.CreateAsync(program, Ended, ct), EndAsync, ct);
        var expired = await SessionFile.CreateAsync(program, Swept, ct);
        expired.Expire();
        await WithServerAsync(expired, SweepAsync, ct);
    }

    public Table ToTable()
    {
        var table = new Table(Delay.Columns);
        table.Add(Delay.RowOf("refreshes alone", alone));
        table.Add(Delay.RowOf($"while {Ended:#,0} sessions of a user end", ending));
        table.Add(Delay.RowOf($"while {Swept:#,0} sessions are swept", sweeping));
        return table;
    }

    // The sessions of the file are those of the first user. The clients are the other users.
    private async Task WithServerAsync(
        SessionFile file,
        Func<SessionFile, ServerProcess, IReadOnlyList<Client>, CancellationToken, Task> measureAsync,
        CancellationToken ct)
    {
        await using (var server = await ServerProcess.StartAsync(
            Peers.Find(Peers.AuthServer), program, SessionFile.SettingsIn(file.Folder), ct))
        {
            using var pool = new ClientPool(server.Target);
            var clients = (await pool.ConnectAsync(ClientPool.Users, ct)).Skip(1).Take(Clients).ToList();
            await DriveAsync(clients, WarmUp, new Tally(), ct);
            await measureAsync(file, server, clients, ct);
            await server.StopAsync(ct);
        }

        file.Remove();
    }

    private async Task EndAsync(SessionFile file, ServerProcess server, IReadOnlyList<Client> clients, CancellationToken ct)
    {
        alone.Add(await DelayAsync(clients, () => Task.Delay(Alone, ct), ct));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Target.Address}") };
        using var refresh = await http.PostAsJsonAsync("/refresh", new { refreshToken = file.TokenOf(0) }, ct);
        refresh.EnsureSuccessStatusCode();
        var pair = await refresh.Content.ReadFromJsonAsync<JsonElement>(ct);
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", pair.GetProperty("accessToken").GetString());
        ending.Add(await DelayAsync(
            clients,
            async () =>
            {
                using var answer = await http.PostAsync("/logout/all", content: null, ct);
                answer.EnsureSuccessStatusCode();
            },
            ct));
    }

    private async Task SweepAsync(SessionFile file, ServerProcess server, IReadOnlyList<Client> clients, CancellationToken ct)
    {
        await DriveAsync(clients, UntilSweep - WarmUp, new Tally(), ct);
        sweeping.Add(await DelayAsync(clients, () => file.WaitUntilSweptAsync(ct), ct));
    }

    /// <summary>Drives the clients for as long as some work goes on.</summary>
    private static async Task<Delay> DelayAsync(IReadOnlyList<Client> clients, Func<Task> workAsync, CancellationToken ct)
    {
        var (tally, work) = (new Tally(), Task.Run(workAsync, ct));
        while (!work.IsCompleted)
        {
            await DriveAsync(clients, Step, tally, ct);
        }

        await work;
        return Delay.Of(tally, "refresh");
    }

    private static Task DriveAsync(IReadOnlyList<Client> clients, TimeSpan time, Tally tally, CancellationToken ct) =>
        OpenLoop.RunAsync(clients, RequestKind.Refresh, PerSecond, time, tally, ct);
}
