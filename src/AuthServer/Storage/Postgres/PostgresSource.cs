using AuthServer.Hosting;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>Where connections come from: what the connection string says, and what the contract asks for where it says nothing.</summary>
internal static class PostgresSource
{
    // In seconds, of one connection attempt and of one statement. StorageTimeouts bounds all of them together.
    private const int Timeout = 1;

    /// <exception cref="StartupException">There is no connection string, or it can't be read.</exception>
    public static NpgsqlDataSource Create(IConfiguration configuration, ILoggerFactory logs)
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
            throw new StartupException(
                "ConnectionStrings:AuthServer can't be read; give it as \"Host=db.example.com;Database=authserver;Username=authserver;Password=…\".");
        }

        if (string.IsNullOrEmpty(settings.Host))
        {
            throw new StartupException(
                "ConnectionStrings:AuthServer names no host; give it as \"Host=db.example.com;Database=authserver;Username=authserver;Password=…\".");
        }

        SetUnlessSet(settings, "Timeout", Timeout);
        SetUnlessSet(settings, "Command Timeout", Timeout);

        // A node that is cut off between two statements keeps its locks no longer, in milliseconds.
        SetUnlessSet(settings, "Options", "-c idle_in_transaction_session_timeout=2000");

        // Three nodes within the hundred connections that a server has unless told otherwise.
        SetUnlessSet(settings, "Maximum Pool Size", 30);

        // Nobody waits for what a server that does not answer says to a cancellation.
        SetUnlessSet(settings, "Cancellation Timeout", -1);

        // How long a standby is taken for one, once it was promoted.
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
