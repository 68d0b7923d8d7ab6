using AuthServer.Accounts;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Logging.Console;

namespace AuthServer.Commands;

/// <summary>The parts of the server without the server: what a verb works with.</summary>
internal sealed class CommandServices : IAsyncDisposable
{
    private readonly WebApplication parts;

    private CommandServices(WebApplication parts) => this.parts = parts;

    public static CommandServices Create(string[] settings)
    {
        var builder = Startup.CreateBuilder(settings);
        builder.AddLogDefaults();

        // Standard output is for what was asked for, and somebody reads the other.
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.FormatterName = ConsoleFormatterNames.Simple;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Services.Configure<SimpleConsoleFormatterOptions>(line =>
        {
            line.SingleLine = true;
            line.TimestampFormat = null;
        });
        builder.Services.AddSingleton<AuthMeter>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddTokens();
        builder.Services.AddCredentials();
        builder.Services.AddAccounts();
        builder.Services.AddSessions();
        return new CommandServices(builder.Build());
    }

    public T Get<T>()
        where T : notnull => parts.Services.GetRequiredService<T>();

    /// <summary>Checks the settings and gets at the database, beside a server that runs.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public Task OpenAsync(CancellationToken ct) => OpenAsync(StorageUse.Visit, ct);

    /// <summary>Checks the settings and gets at the database.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public Task OpenAsync(StorageUse use, CancellationToken ct)
    {
        Get<Microsoft.Extensions.Options.IStartupValidator>().Validate();
        return Get<IStorageProvider>().PrepareAsync(use, ct);
    }

    public ValueTask DisposeAsync() => parts.DisposeAsync();
}
