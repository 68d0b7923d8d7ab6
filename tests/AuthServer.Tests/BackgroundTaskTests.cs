using AuthServer.Bearer;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>A background task that fails for good, so that the server can't go on.</summary>
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
}
