using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>A published server, which runs from its first work to the end of all.</summary>
internal sealed class ServerContender(Peer peer, string program) : IContender
{
    private const string CheapWorkFactor = "4";
    private const string ProductionWorkFactor = "11";

    private readonly Dictionary<string, Instance> instances = [];
    private readonly List<string> folders = [];
    private string? startFolder;
    private bool hasFailed;
    private bool hasAccount;

    public string Name => peer.Name;

    public string Title => peer.Title;

    public bool Takes(Work work) => (peer.Works?.Contains(work.Name) ?? true) && CanDo(work.Kind);

    // JwtBearer alone has a login, but no accounts.
    private bool HasPasswords => peer.Api is { Login: not null, Register: not null };

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Work work, TimeSpan time, CancellationToken ct)
    {
        try
        {
            return work.Kind == WorkKind.Start ? await StartAnewAsync(ct) : await DriveAsync(work, time, ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            hasFailed = true;
            throw;
        }
    }

    /// <summary>Ends the servers, and removes their data unless a work failed: then it may tell why.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var instance in instances.Values)
        {
            await instance.DisposeAsync();
        }

        if (!hasFailed)
        {
            folders.ForEach(Repository.Remove);
        }
    }

    private async Task<IReadOnlyList<(string Metric, double Value)>> DriveAsync(Work work, TimeSpan time, CancellationToken ct)
    {
        var instance = await FindAsync(work.HashesAsInProduction ? ProductionWorkFactor : CheapWorkFactor, ct);
        try
        {
            return work.Kind switch
            {
                WorkKind.Refresh => await LoopAsync(instance, Act.Refresh, work, time, ct),
                WorkKind.Private => await LoopAsync(instance, Act.Private, work, time, ct),
                WorkKind.Login => await LoopAsync(instance, Act.Login, work, time, ct),
                _ => await Flood.RunAsync(instance.Clients, Title, time, ct),
            };
        }
        finally
        {
            instance.Clients.Disconnect();
        }
    }

    private bool CanDo(WorkKind kind) => kind switch
    {
        WorkKind.Refresh => peer.Api.Refresh is not null,
        WorkKind.Private => peer.Api.Private is not null,
        WorkKind.Login => HasPasswords,
        WorkKind.Flood => HasPasswords && peer.Api is { Private: not null, Refresh: not null },
        _ => true,
    };

    private async Task<IReadOnlyList<(string Metric, double Value)>> LoopAsync(
        Instance instance, Act act, Work work, TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var clients = await instance.Clients.ConnectAsync(work.Connections, ct);
        var before = instance.Server.ProcessorTime;
        await ClosedLoop.RunAsync(clients, act, time, tally, ct);
        var processor = instance.Server.ProcessorTime - before;
        tally.ThrowIfFailed($"{Title}, {work.Name}");
        return
        [
            .. Metric.OfClosedLoop(tally, time),
            (Metric.Processor, processor.TotalMicroseconds / tally.Done),
            (Metric.Megabytes, instance.Server.ResidentMegabytes),
        ];
    }

    // The first start, which makes the database and the account, is the warm-up.
    private async Task<IReadOnlyList<(string Metric, double Value)>> StartAnewAsync(CancellationToken ct)
    {
        startFolder ??= NewFolder("-start");
        await using var server = await ServerProcess.StartAsync(peer, program, SettingsIn(startFolder, CheapWorkFactor), ct);
        List<(string, double)> values =
            [(Metric.StartMilliseconds, server.ColdStart.TotalMilliseconds), (Metric.Megabytes, server.ResidentMegabytes)];
        if (!hasAccount)
        {
            await ClientPool.RegisterAsync(server.Target, ClientPool.UserOf(0), ct);
            hasAccount = true;
        }

        // What a server loads only when it is first needed counts too.
        if (peer.Api.Login is not null)
        {
            using var client = new Client(peer.Api, ClientPool.UserOf(0));
            await client.ConnectAsync(server.Target, ct);
            await client.SignInAsync(ct);
            values.Add((Metric.MegabytesAfterLogin, server.ResidentMegabytes));
        }

        await server.StopAsync(ct);
        return values;
    }

    // Servers without a work factor have one instance for all.
    private async Task<Instance> FindAsync(string workFactor, CancellationToken ct)
    {
        var key = peer.WorkFactorVariable is null ? "" : workFactor;
        if (!instances.TryGetValue(key, out var instance))
        {
            var settings = SettingsIn(NewFolder(""), workFactor);
            instances[key] = instance = new Instance(await ServerProcess.StartAsync(peer, program, settings, ct));
        }

        return instance;
    }

    private string NewFolder(string purpose)
    {
        folders.Add(Repository.NewDataFolder(peer.Name + purpose));
        return folders[^1];
    }

    private Dictionary<string, string> SettingsIn(string folder, string workFactor)
    {
        var settings = peer.Settings(folder);
        if (peer.WorkFactorVariable is { } variable)
        {
            settings[variable] = workFactor;
        }

        return settings;
    }
}
