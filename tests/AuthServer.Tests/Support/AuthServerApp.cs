using System.Net;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests.Support;

/// <summary>The server on a database of its own, with a clock that stands until it is moved.</summary>
public sealed class AuthServerApp : WebApplicationFactory<Program>
{
    public const string Password = "correct horse battery staple";

    private readonly Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Passwords:WorkFactor"] = "4",
        ["RateLimits:Enabled"] = "false",
    };

    private readonly Action<IServiceCollection>? configure;
    private readonly bool ownsDirectory;

    public AuthServerApp(params (string Key, string Value)[] settings)
        : this(configure: null, settings)
    {
    }

    public AuthServerApp(Action<IServiceCollection>? configure, params (string Key, string Value)[] settings)
    {
        this.configure = configure;
        foreach (var (key, value) in settings)
        {
            this.settings[key] = value;
        }

        ownsDirectory = !this.settings.ContainsKey("Data:Directory");
        if (ownsDirectory)
        {
            this.settings["Data:Directory"] = Directory.CreateTempSubdirectory("authserver-").FullName;
        }

        foreach (var (key, value) in TestDatabase.SettingsOf(DataDirectory))
        {
            this.settings.TryAdd(key, value);
        }
    }

    public FakeTimeProvider Clock { get; init; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public LogRecorder Log { get; } = new();

    public string DataDirectory => settings["Data:Directory"];

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Registers a user, if there is none of that name, and logs in.</summary>
    public async Task<LoggedInDevice> LogInAsync(string username, string? deviceName = null)
    {
        var http = CreateClient();
        var registration = await http.PostAsync("/register", new { username, password = Password });
        Assert.Contains(registration.StatusCode, (IEnumerable<HttpStatusCode>)[HttpStatusCode.Created, HttpStatusCode.Conflict]);
        var login = await http.PostAsync("/login", new { username, password = Password, deviceName });
        return new LoggedInDevice(http, await login.ShouldBePairAsync());
    }

    /// <summary>Reads or writes the database directly, past the server.</summary>
    internal async Task<T> InDatabaseAsync<T>(Func<AuthDbContext, Task<T>> work)
    {
        await using var db = Get<IStorageProvider>().CreateContext();
        return await work(db);
    }

    internal Task<SessionRow> RowOfAsync(LoggedInDevice session) =>
        InDatabaseAsync(db => db.Sessions.SingleAsync(s => s.Id == session.SessionId));

    /// <summary>Sweeps once, alone: on PostgreSQL a sweep leaves rows to another one that has locked them.</summary>
    internal async Task SweepAsync()
    {
        var (sweeper, ct) = (Get<Sweeper>(), TestContext.Current.CancellationToken);
        await sweeper.StopAsync(ct);
        await sweeper.SweepAsync(ct);
    }

    /// <summary>Waits until the events so far are counted, as no caller does, and ends the counting.</summary>
    internal Task CountEventsAsync() => Get<EventCounter>().StopAsync(TestContext.Current.CancellationToken);

    /// <summary>Counts the events so far, and returns those that are counted.</summary>
    internal async Task<List<EventRow>> CountedAsync()
    {
        await CountEventsAsync();
        var kinds = Enum.GetValues<EventKind>().Where(EventRow.CountsByAccount).ToList();
        return await InDatabaseAsync(db => db.Events
            .Where(e => e.Network != null || kinds.Contains(e.Kind))
            .OrderBy(e => e.Id).ToListAsync(TestContext.Current.CancellationToken));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();

        await TestDatabase.ReleaseAsync(DataDirectory);
        if (ownsDirectory)
        {
            await TestDatabase.RemoveAsync(DataDirectory);
            Directory.Delete(DataDirectory, recursive: true);
        }
    }

    /// <summary>Sends commands while another batch is being written, so that the commands wait and share one.</summary>
    internal async Task<T> InOneBatchAsync<T>(Func<T> send)
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var other = Get<TransactionRunner>().RunAsync(
            async (_, _) =>
            {
                entered.SetResult();
                await release.Task;
            },
            isBatch: true,
            TestContext.Current.CancellationToken);
        await entered.Task;

        // The worker takes the first command and waits for a transaction with it. Later commands stay in the queue.
        var queue = Get<SessionCommandQueue>();
        var first = queue.EndAsync(Guid.NewGuid(), EndReason.Logout, null, new ClientInfo(null, null));
        while (queue.Waiting > 0)
        {
            await Task.Yield();
        }

        var sent = send();
        if (sent is Task task)
        {
            await task;
        }

        release.SetResult();
        await other;
        await first;
        return sent;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        builder.ConfigureServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));

            // The clock stands, so a refusal that is held would never be answered.
            services.Replace(ServiceDescriptor.Singleton(new RefusalHold(Clock) { Time = TimeSpan.Zero }));

            // A busy machine would end work as unavailable in the time of requests.
            services.AddSingleton(StorageTimeouts.OfCommands);
            configure?.Invoke(services);
        });
    }
}
