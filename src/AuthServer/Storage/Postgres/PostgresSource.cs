using AuthServer.Hosting;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// Creates the source of connections: by the connection string, with defaults for the settings that it leaves out.
/// </summary>
internal static class PostgresSource
{
    private const string Example = "\"Host=db.example.com;Database=authserver;Username=authserver;Password=…\"";

    /// <exception cref="StartupException">There is no connection string, or it can't be read.</exception>
    public static NpgsqlDataSource Create(IConfiguration configuration, StorageTimeouts timeouts, ILoggerFactory logs)
    {
        var builder = new NpgsqlDataSourceBuilder { Name = "authserver" };
        builder.UseLoggerFactory(logs);
        var settings = builder.ConnectionStringBuilder;
        try
        {
            settings.ConnectionString = configuration.GetConnectionString("AuthServer");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            throw new StartupException($"ConnectionStrings:AuthServer can't be read; give it as {Example}.");
        }

        if (string.IsNullOrEmpty(settings.Host))
        {
            throw new StartupException($"ConnectionStrings:AuthServer names no host; give it as {Example}.");
        }

        // In seconds, of one connection attempt and of one statement. The time for the work bounds all of them together.
        SetUnlessSet(settings, "Timeout", 1);
        SetUnlessSet(settings, "Command Timeout", (int)timeouts.Work.TotalSeconds);

        // In milliseconds: a node that is cut off between two statements keeps its locks no longer.
        SetUnlessSet(settings, "Options", "-c idle_in_transaction_session_timeout=2000");

        // Three nodes fit into the hundred connections of a server with default settings.
        SetUnlessSet(settings, "Maximum Pool Size", 30);

        // A server that does not answer a statement does not answer its cancellation either.
        SetUnlessSet(settings, "Cancellation Timeout", -1);

        // A promoted standby is recognized after this time.
        SetUnlessSet(settings, "Host Recheck Seconds", 1);
        SetUnlessSet(settings, "Max Auto Prepare", 50);
        SetUnlessSet(settings, "No Reset On Close", true);
        SetUnlessSet(settings, "Application Name", "authserver");
        return builder.Build();
    }

    private static void SetUnlessSet(NpgsqlConnectionStringBuilder settings, string key, object value)
    {
        if (!settings.Keys.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            settings[key] = value;
        }
    }
}
