using AuthServer.Core;
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

    /// <summary>Registers a user, where there is none of that name, and logs in.</summary>
    public async Task<SignedIn> SignInAsync(string username, string? deviceName = null)
    {
        var http = CreateClient();
        await http.PostAsync("/register", new { username, password = Password });
        var login = await http.PostAsync("/login", new { username, password = Password, deviceName });
        return new SignedIn(http, await login.ShouldBePairAsync());
    }

    /// <summary>Looks at the database past the server, or changes it.</summary>
    internal async Task<T> InDatabaseAsync<T>(Func<AuthDbContext, Task<T>> work)
    {
        await using var db = Get<IStorageProvider>().CreateContext();
        return await work(db);
    }

    internal Task<SessionRow> RowOfAsync(SignedIn session) =>
        InDatabaseAsync(db => db.Sessions.AsNoTracking().SingleAsync(s => s.Id == session.SessionId));

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

    /// <summary>Asks while turns hold the write gate, so that all that is asked piles up behind them and comes in one batch.</summary>
    internal async Task<T> InOneBatchAsync<T>(Func<T> ask)
    {
        var leave = new TaskCompletionSource();
        var turns = new List<Task>();
        for (var place = 0; place < Get<IStorageProvider>().WriteConcurrency; place++)
        {
            var entered = new TaskCompletionSource();
            turns.Add(Get<TransactionRunner>().RunAsync(
                async (_, _) =>
                {
                    entered.SetResult();
                    await leave.Task;
                    return true;
                },
                TestContext.Current.CancellationToken));
            await entered.Task;
        }

        // The worker wakes for the first command and stands before the gate with it; the rest piles up behind.
        var writer = Get<SessionCommandQueue>();
        var first = writer.EndAsync(Guid.NewGuid(), EndReason.Logout, null, new ClientInfo(null, null));
        while (writer.Waiting > 0)
        {
            await Task.Yield();
        }

        var asked = ask();
        if (asked is Task task)
        {
            await task;
        }

        leave.SetResult();
        await Task.WhenAll(turns);
        await first;
        return asked;
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
            configure?.Invoke(services);
        });
    }
}
