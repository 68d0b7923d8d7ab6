using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using AuthServer.Storage;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace AuthServer.Commands;

/// <summary>Services of a server that is not started, for the use of a command.</summary>
internal sealed class CommandServices : IAsyncDisposable
{
    private readonly Func<string[], WebApplicationBuilder> createBuilder;
    private readonly string[] settings;
    private readonly WebApplication server;

    private CommandServices(Func<string[], WebApplicationBuilder> createBuilder, string[] settings, WebApplication server) =>
        (this.createBuilder, this.settings, this.server) = (createBuilder, settings, server);

    /// <summary>Creates the services from settings such as <c>--Data:Directory=/var/lib/authserver</c>.</summary>
    public static CommandServices Create(Func<string[], WebApplicationBuilder> createBuilder, string[] settings)
    {
        var builder = createBuilder(settings);

        // Standard output is reserved for the result of the command. The log is for people.
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

        // The audit log has what a command does, and a command for all sessions would write a line for each account.
        builder.Logging.AddFilter(SecurityEventLog.Category, LogLevel.Error);
        builder.Services.AddSingleton(StorageTimeouts.OfCommands);
        return new CommandServices(createBuilder, settings, builder.Build());
    }

    /// <summary>Creates the services of a second server, from the same settings and more.</summary>
    public CommandServices CreateWith(params string[] more) => Create(createBuilder, [.. settings, .. more]);

    public T Get<T>()
        where T : notnull => server.Services.GetRequiredService<T>();

    /// <summary>Validates the settings and opens the database, whether or not a server is running.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public Task OpenAsync(CancellationToken ct) => OpenAsync(StorageUse.Command, ct);

    /// <summary>Validates the settings and opens the database.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public Task OpenAsync(StorageUse use, CancellationToken ct)
    {
        SettingNames.ThrowIfUnknown(server.Configuration, [.. server.Services.GetServices<SettingNames>()]);
        Get<IStartupValidator>().Validate();
        return Get<IStorageProvider>().PrepareAsync(use, ct);
    }

    /// <summary>Finds the account of a user name as an operator writes it. Null if there is none.</summary>
    public async Task<Account?> FindAccountAsync(string name, CancellationToken ct) =>
        Username.Normalize(name) is { } normalized ? await Get<AccountStore>().FindAsync(normalized, ct) : null;

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
