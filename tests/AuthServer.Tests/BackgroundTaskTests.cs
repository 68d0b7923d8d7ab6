using System.Text;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>Background tasks: what they do, how they end, and one that fails for good.</summary>
public sealed class BackgroundTaskTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_whose_background_task_fails_stops_and_reports_failure(bool fails)
    {
        using var folder = new TempFolder();
        var builder = Composition.CreateBuilder(
            ["--urls=http://127.0.0.1:0", $"--Data:Directory={folder.Path}", "--Logging:LogLevel:Default=None"]);
        builder.Services.AddHostedService(services =>
            new FinalTask(services.GetRequiredService<IHostApplicationLifetime>(), fails));
        await using var app = builder.Build();
        await app.PrepareToServeAsync();
        Assert.Equal(!fails, await app.ServeAsync());
    }

    [Fact]
    public async Task Background_task_ends_without_exception_if_program_never_listened()
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", "ES256"));
        await using var program = await BackEnd.StartAsync(app);
        var tasks = app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Where(service => service is not (SessionCommandQueue or FailureCounter or EventCounter))
            .Append(program.Get<RemoteKeys>()).Append(program.Get<EndedSessionListener>());
        foreach (var task in tasks)
        {
            // As the host does with a program whose address is taken: it stops no task, because it has not started all.
            task.Dispose();
            await task.ExecuteTask!;
        }
    }

    /// <summary>A cancelled start is what a stop before the beginning of the task makes of it.</summary>
    [Fact]
    public async Task Stop_before_task_begins_writes_what_waits()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var (never, client) = (new CancellationToken(canceled: true), new ClientInfo("203.0.113.7", null));
        using var counter = ActivatorUtilities.CreateInstance<EventCounter>(app.Services);
        using var failures = ActivatorUtilities.CreateInstance<FailureCounter>(app.Services);
        using var queue = ActivatorUtilities.CreateInstance<SessionCommandQueue>(app.Services);
        BackgroundService[] tasks = [counter, failures, queue];
        foreach (var task in tasks)
        {
            await task.StartAsync(never);
        }

        counter.Count(new SecurityEvent(EventKind.TokenRejected, client));
        var key = new FailureKey(Guid.NewGuid(), TimeSpan.FromMinutes(1));
        (await failures.BeginAsync([key], _ => [key], CancellationToken.None))!.Fail();
        var ended = queue.EndAsync(ada.SessionId, EndReason.Logout, userId: null, client);
        foreach (var task in tasks)
        {
            await task.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(ended.IsCompletedSuccessfully && await ended);
        Assert.Equal(1, Assert.Single(await app.CountedAsync()).Count);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.FailureCounts.CountAsync(count => count.Id == key.Id)));
    }

    [Fact]
    public async Task Feed_that_is_lost_by_stop_is_no_fault()
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", "ES256"));
        using var feed = new LostStream("event: beat\ndata: {}\n\n");
        using var server = new Backchannel(app) { Path = Backchannel.Feed, Answer = Backchannel.Events(feed) };
        await using var program = await BackEnd.StartAsync(app, server);
        await Eventually.BecomesAsync(() => program.IsListening);
        var task = program.Get<EndedSessionListener>();
        task.Dispose();
        await task.ExecuteTask!;
    }

    [Fact]
    public async Task Key_rotates_without_request()
    {
        await using var app = new AuthServerApp();
        app.CreateClient();
        app.Clock.Advance(TimeSpan.FromDays(90));
        await Eventually.BecomesAsync(() =>
        {
            // The task may have begun to wait after the clock was moved.
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            return app.Get<AccessKeyRing>().Verifying.Any(key => key.Period.Number == 2);
        });
    }

    private sealed class FinalTask(IHostApplicationLifetime lifetime, bool fails) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            if (fails)
            {
                throw new InvalidOperationException("It can't go on.");
            }

            lifetime.StopApplication();
        }
    }

    // A connection that breaks when it is given up.
    private sealed class LostStream(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0 && !buffer.IsEmpty)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new IOException("The connection was lost.");
            }

            return count;
        }
    }
}
