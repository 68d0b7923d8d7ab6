using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>A published server, which runs from its first workload until the end of the comparison.</summary>
internal sealed class ServerContender(Peer peer, string program) : IContender
{
    private const string CheapWorkFactor = "4";
    private const string ProductionWorkFactor = "11";

    private readonly Dictionary<string, ServerInstance> instances = [];
    private readonly List<string> folders = [];
    private string? startFolder;
    private bool hasFailed;
    private bool hasAccount;

    public string Name => peer.Name;

    public string Title => peer.Title;

    public bool Supports(Workload workload) => (peer.Workloads?.Contains(workload.Name) ?? true) && CanDo(workload.Kind);

    // The peer JwtBearer has a login but no accounts.
    private bool HasPasswords => peer.Api is { Login: not null, Register: not null };

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        Workload workload, TimeSpan time, CancellationToken ct)
    {
        try
        {
            return workload.Kind == WorkloadKind.Start ? await MeasureStartAsync(ct) : await DriveAsync(workload, time, ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            hasFailed = true;
            throw;
        }
    }

    /// <summary>Stops the servers. Deletes their data unless a workload failed, because the data may show the cause.</summary>
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

    private async Task<IReadOnlyList<(string Metric, double Value)>> DriveAsync(
        Workload workload, TimeSpan time, CancellationToken ct)
    {
        var instance = await GetOrStartAsync(workload.UsesProductionHashing ? ProductionWorkFactor : CheapWorkFactor, ct);
        try
        {
            return workload.Kind switch
            {
                WorkloadKind.Refresh => await LoopAsync(instance, RequestKind.Refresh, workload, time, ct),
                WorkloadKind.Private => await LoopAsync(instance, RequestKind.Private, workload, time, ct),
                WorkloadKind.Login => await LoopAsync(instance, RequestKind.Login, workload, time, ct),
                _ => await Flood.RunAsync(instance.Clients, Title, time, ct),
            };
        }
        finally
        {
            instance.Clients.Disconnect();
        }
    }

    private bool CanDo(WorkloadKind kind) => kind switch
    {
        WorkloadKind.Refresh => peer.Api.Refresh is not null,
        WorkloadKind.Private => peer.Api.Private is not null,
        WorkloadKind.Login => HasPasswords,
        WorkloadKind.Flood => HasPasswords && peer.Api is { Private: not null, Refresh: not null },
        _ => true,
    };

    private async Task<IReadOnlyList<(string Metric, double Value)>> LoopAsync(
        ServerInstance instance, RequestKind kind, Workload workload, TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var clients = await instance.Clients.ConnectAsync(workload.Connections, ct);
        var before = instance.Server.ProcessorTime;
        await ClosedLoop.RunAsync(clients, kind, time, tally, ct);
        var processor = instance.Server.ProcessorTime - before;
        tally.ThrowIfFailed($"{Title}, {workload.Name}");
        return
        [
            .. Metric.OfClosedLoop(tally, time),
            (Metric.Processor, processor.TotalMicroseconds / tally.Completed),
            (Metric.Megabytes, instance.Server.ResidentMegabytes),
        ];
    }

    // The first start is the warm-up. It creates the database and the account.
    private async Task<IReadOnlyList<(string Metric, double Value)>> MeasureStartAsync(CancellationToken ct)
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

        // Includes the memory that a server allocates for its first login.
        if (peer.Api.Login is not null)
        {
            using var client = new Client(peer.Api, ClientPool.UserOf(0));
            await client.ConnectAsync(server.Target, ct);
            await client.LogInAsync(ct);
            values.Add((Metric.MegabytesAfterLogin, server.ResidentMegabytes));
        }

        await server.StopAsync(ct);
        return values;
    }

    // A server without a work factor has one instance for all workloads.
    private async Task<ServerInstance> GetOrStartAsync(string workFactor, CancellationToken ct)
    {
        var key = peer.WorkFactorVariable is null ? "" : workFactor;
        if (!instances.TryGetValue(key, out var instance))
        {
            var settings = SettingsIn(NewFolder(""), workFactor);
            instances[key] = instance = new ServerInstance(await ServerProcess.StartAsync(peer, program, settings, ct));
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
