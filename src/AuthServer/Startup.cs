using System.Net.Sockets;
using System.Reflection;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer;

/// <summary>Why the server can't start: one sentence that names the cause and the cure.</summary>
internal sealed class StartupException(string message) : Exception(message);

/// <summary>What happens between building the server and its first request.</summary>
internal static class Startup
{
    /// <summary>Checks the options, claims and migrates the database, reads the keys, and learns which sessions have just ended.</summary>
    /// <exception cref="StartupException">The server can't start.</exception>
    /// <exception cref="OptionsValidationException">A setting is out of its range.</exception>
    public static async Task PrepareAsync(this WebApplication app)
    {
        var services = app.Services;
        services.GetRequiredService<IStartupValidator>().Validate();
        await services.GetRequiredService<SqliteDatabase>().PrepareAsync(app.Lifetime.ApplicationStopping);
        _ = services.GetRequiredService<ServerKeys>();

        var ended = services.GetRequiredService<EndedSessions>();
        var since = services.GetRequiredService<TimeProvider>().GetUtcNow() - ended.Memory;
        ended.OnEnded(await services.GetRequiredService<SessionStore>().EndedSinceAsync(since, app.Lifetime.ApplicationStopping));

        if (services.GetRequiredService<IOptions<PasswordOptions>>().Value.WorkFactor is < 10 and var workFactor)
        {
            app.Logger.WorkFactorLow(workFactor);
        }

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                app.Logger.Started(address, address + "/docs");
            }
        });
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

    private static IReadOnlyList<string> SentencesOf(Exception exception) => exception switch
    {
        StartupException => [exception.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException many => [.. many.InnerExceptions.SelectMany(SentencesOf)],

        // Kestrel's: an address that is in use, not ours to take, or none.
        IOException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } or SocketException or FormatException { Source: "Microsoft.AspNetCore.Http" } =>
            [$"The server can't listen where urls says ({exception.Message.TrimEnd('.')}); set urls to a free address, like http://localhost:5080."],
        _ => [],
    };
}
