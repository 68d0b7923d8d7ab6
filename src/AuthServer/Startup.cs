using System.Data.Common;
using System.Net.Sockets;
using System.Reflection;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer;

/// <summary>Why the server can't start: one sentence that names the cause and the cure.</summary>
internal sealed class StartupException(string message) : Exception(message);

/// <summary>How a server begins, up to its first request.</summary>
internal static class Startup
{
    /// <summary>
    /// A builder with settings that are read once. To see <c>appsettings.json</c> change, the framework would watch every folder below the
    /// one that the server is started in, however many there are.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] arguments) =>
        WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. arguments]);

    /// <summary>
    /// Checks the options, claims and migrates the database, reads the keys, learns which sessions have just ended, and has the
    /// queues watched.
    /// </summary>
    /// <exception cref="StartupException">The server can't start.</exception>
    /// <exception cref="OptionsValidationException">A setting is out of its range.</exception>
    public static async Task PrepareAsync(this WebApplication app)
    {
        var services = app.Services;
        services.GetRequiredService<IStartupValidator>().Validate();
        await services.GetRequiredService<IStorageProvider>().PrepareAsync(StorageUse.Serve, app.Lifetime.ApplicationStopping);
        await services.GetRequiredService<IStorageProvider>().AgreeOnAsync(services.GetRequiredService<ServerKeys>().Checks, app.Lifetime.ApplicationStopping);

        await services.GetRequiredService<SessionEndPublisher>().ReadAsync(app.Lifetime.ApplicationStopping);
        if (await services.GetRequiredService<AccountStore>().FindCostliestHashAsync(app.Lifetime.ApplicationStopping) is { } costliest)
        {
            services.GetRequiredService<PasswordHasher>().HighestStoredFactor = PasswordHasher.FactorOf(costliest);
        }

        if (services.GetRequiredService<IOptions<PasswordOptions>>().Value.WorkFactor is < 10 and var workFactor)
        {
            app.Logger.WorkFactorLow(workFactor);
        }

        var (writer, hashing) = (services.GetRequiredService<SessionCommandQueue>(), services.GetRequiredService<PasswordHashQueue>());
        var ended = services.GetRequiredService<EndedSessionCache>();
        services.GetRequiredService<AuthMeter>().Watch(() => writer.Waiting, () => hashing.Waiting, () => ended.Count);

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                app.Logger.Started(address, address + "/docs");
            }
        });
    }

    /// <summary>Opens the addresses, and serves until told to stop.</summary>
    /// <exception cref="StartupException">An address can't be listened on.</exception>
    public static async Task ServeAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or ArgumentException
            or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            // The first line says what is wrong: the port is taken, the address is none of this machine, a certificate is missing.
            var why = exception.Message.Split('\n')[0].TrimEnd('.');
            var where = app.Configuration["urls"] ?? "its address";
            throw new StartupException($"The server can't listen on {where} ({why}); set urls to a free address of this machine.");
        }

        await app.WaitForShutdownAsync();
    }

    /// <summary>
    /// Whether an exception is the operator's to mend, and how to say so. Not where the program is run by another, such as
    /// <c>WebApplicationFactory</c>, to which the exception itself says more.
    /// </summary>
    public static bool TryExplain(Exception exception, out IReadOnlyList<string> sentences)
    {
        sentences = SentencesOf(exception);
        return sentences.Count > 0 && Assembly.GetEntryAssembly() == typeof(Startup).Assembly;
    }

    /// <summary>What there is to say of an exception that is the operator's to mend; nothing of others.</summary>
    public static IReadOnlyList<string> SentencesOf(Exception exception) => exception switch
    {
        StartupException => [exception.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException many => [.. many.InnerExceptions.SelectMany(SentencesOf)],

        _ when UnavailableException.IsTransient(exception) => [$"The database can't be used just now: {exception.Message.Split('\n')[0]}"],

        DbException => [$"The database refuses: {exception.Message.Split('\n')[0]}"],

        // Whatever else the framework throws at start is about what it was told: a file, an address, a value.
        IOException or InvalidDataException or InvalidOperationException or ArgumentException or FormatException =>
            [$"The server can't start: {exception.Message.Split('\n')[0]}"],
        _ => [],
    };
}
