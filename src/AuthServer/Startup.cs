using System.Net.Sockets;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Health;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer;

/// <summary>The start of a server, up to its first request.</summary>
internal static class Startup
{
    private const int MaxKeyAttempts = 10;

    private static readonly TimeSpan KeyRetryInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Validates the settings, before anything is made by them.</summary>
    /// <exception cref="StartupException">A setting is unknown.</exception>
    /// <exception cref="OptionsValidationException">A setting is out of its range.</exception>
    public static void ValidateSettings(this WebApplication app)
    {
        SettingNames.ThrowIfUnknown(app.Configuration, [.. app.Services.GetServices<SettingNames>()]);
        app.Services.GetRequiredService<IStartupValidator>().Validate();
    }

    /// <summary>
    /// Claims and migrates the database, reads the keys and the sessions that have just ended, and registers the queues with the
    /// meter.
    /// </summary>
    /// <param name="app">The server, which has its routes.</param>
    /// <param name="acceptsNewKeys">True if root keys that are lost are to be forgotten.</param>
    /// <exception cref="StartupException">The server can't start.</exception>
    public static async Task PrepareToServeAsync(this WebApplication app, bool acceptsNewKeys = false)
    {
        var services = app.Services;
        var routes = Task.Run(() => LoadRoutes(app));
        var (storage, ct) = (services.GetRequiredService<IStorageProvider>(), app.Lifetime.ApplicationStopping);
        await storage.PrepareAsync(StorageUse.Serve, ct);
        await storage.ThrowIfClockIsBehindAsync(services.GetRequiredService<TimeProvider>(), ct);
        await PrepareKeysAsync(services, acceptsNewKeys, ct);
        await services.GetRequiredService<SessionEndPublisher>().ReloadAsync(ct);
        if (await services.GetRequiredService<AccountStore>().FindCostliestHashAsync(ct) is { } costliest)
        {
            services.GetRequiredService<PasswordHasher>().HighestStoredFactor = PasswordHasher.FactorOf(costliest);
        }

        if (EnvironmentCheck.ReadOpenFileLimit() is < EnvironmentCheck.FewOpenFiles and var limit)
        {
            app.Logger.FewFilesAllowed(limit);
        }

        if (services.GetRequiredService<IOptions<PasswordOptions>>().Value.WorkFactor is < 10 and var workFactor)
        {
            app.Logger.WorkFactorLow(workFactor);
        }

        await routes;
        var writer = services.GetRequiredService<SessionCommandQueue>();
        var hashing = services.GetRequiredService<PasswordHashQueue>();
        var ended = services.GetRequiredService<EndedSessionCache>();
        services.GetRequiredService<AuthMeter>().Watch(
            () => writer.Waiting, () => hashing.Waiting, () => hashing.Refused, () => ended.Count);

        var docs = services.GetRequiredService<IOptions<DocsOptions>>().Value;
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                app.Logger.Started(address, docs.Enabled ? $"API reference at {address}/docs" : "no API reference");
            }
        });
    }

    // The first request would load the code and the JSON forms of all routes. The database leaves a processor free for them.
    private static int LoadRoutes(IEndpointRouteBuilder app) => app.DataSources.Sum(source => source.Endpoints.Count);

    // The first start loads EF Core and may wait for other nodes that start with it, both within the timeout of a request. What
    // has been done is found done by the next attempt.
    private static async Task PrepareKeysAsync(IServiceProvider services, bool acceptsNewKeys, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await services.GetRequiredService<RootKeyService>().PrepareAsync(acceptsNewKeys, ct);
                await services.GetRequiredService<AccessKeyService>().PrepareAsync(ct);
                return;
            }
            catch (UnavailableException) when (attempt < MaxKeyAttempts)
            {
                await Task.Delay(KeyRetryInterval, ct);
            }
        }
    }

    /// <summary>Opens the addresses and serves until the process is asked to stop.</summary>
    /// <returns>
    /// True if all its work was done. False if a background task has failed, or requests were cut off because the time for a
    /// stop was over; either is logged.
    /// </returns>
    /// <exception cref="StartupException">An address can't be listened on.</exception>
    public static async Task<bool> ServeAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to stop before it was listening.
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or ArgumentException
            or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            // The first line has the cause: the port is taken, another machine has the address, a certificate is missing.
            var cause = exception.Message.Split('\n')[0].TrimEnd('.');
            var address = app.Configuration["urls"] ?? "its address";
            throw new StartupException(
                $"The server can't listen on {address} ({cause}); set urls to a free address of this machine.");
        }

        await app.WaitForShutdownAsync();
        if (app.Services.GetRequiredService<Drain>().HasTimedOut)
        {
            app.Logger.StopTimedOut();
            return false;
        }

        return !app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Any(service => service.ExecuteTask is { IsFaulted: true });
    }
}
