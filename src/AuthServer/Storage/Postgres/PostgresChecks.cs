using AuthServer.Hosting;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>Checks of a database on PostgreSQL at start, and sentences about why it can't be used.</summary>
/// <param name="name">The database in errors.</param>
/// <param name="role">The role that the node connects as.</param>
internal sealed class PostgresChecks(string name, string? role)
{
    /// <summary>The tables that a node reads and writes.</summary>
    public static readonly string[] Tables =
        ["users", "sessions", "events", "failure_counts", "mails", "root_keys", "access_keys", "resource_servers",
            "external_identities", "spent_tokens", "totps", "recovery_codes", "passkeys", "reserved_names"];

    private const string MissingRights =
        """
        SELECT string_agg(DISTINCT quote_ident(t), ', '), quote_ident(current_user)
        FROM unnest($1) t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r
        WHERE to_regclass(t) IS NOT NULL AND NOT has_table_privilege(to_regclass(t), r)
        """;

    private const string RightsToMigrate =
        """
        SELECT quote_ident(current_user), quote_ident(current_schema()), has_schema_privilege(current_schema(), 'CREATE'),
            (SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class
                WHERE oid = to_regclass(quote_ident(current_schema()) || '.users') AND NOT pg_has_role(relowner, 'USAGE'))
        """;

    private string Grantee => role ?? "of this node";

    /// <summary>Checks encodings, and that transactions may write. They are known since the connection was opened.</summary>
    /// <returns>A sentence if the server is a standby, which may be promoted; otherwise null.</returns>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public string? CheckConnection(NpgsqlConnection connection)
    {
        var parameters = connection.PostgresParameters;
        if (parameters.GetValueOrDefault("server_encoding", "UTF8") is not "UTF8" and var encoding)
        {
            throw new StartupException(
                $"The database {name} has the encoding {encoding}, which lacks characters of names; "
                + "make one by createdb --encoding=UTF8 --template=template0.");
        }

        if (parameters.GetValueOrDefault("client_encoding", "UTF8") is not "UTF8" and var ours)
        {
            throw new StartupException(
                $"The connection to {name} has the encoding {ours}; "
                + "remove Client Encoding from ConnectionStrings:AuthServer, and PGCLIENTENCODING.");
        }

        if (parameters.GetValueOrDefault("in_hot_standby") == "on")
        {
            return $"The database {name} is a standby, which can't write; "
                + "name all its hosts in ConnectionStrings:AuthServer, with Target Session Attributes=primary.";
        }

        if (parameters.GetValueOrDefault("default_transaction_read_only") == "on")
        {
            throw new StartupException(
                $"The database {name} makes every transaction read-only; "
                + $"set default_transaction_read_only to off for the role {Grantee}.");
        }

        return null;
    }

    /// <summary>Checks the rights on the tables that there are.</summary>
    /// <exception cref="StartupException">A right is missing.</exception>
    public async Task CheckTablesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(MissingRights, connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = Tables } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (!await reader.IsDBNullAsync(0, ct))
        {
            var (tables, grantee) = (reader.GetString(0), reader.GetString(1));
            throw new StartupException(
                $"The role {grantee} may not use all tables of the database {name}; "
                + $"run there GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {grantee}.");
        }
    }

    /// <summary>Checks the rights that a migration needs.</summary>
    /// <exception cref="StartupException">A right is missing.</exception>
    public async Task CheckMigrationAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(RightsToMigrate, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var grantee = reader.GetString(0);
        if (!await reader.IsDBNullAsync(3, ct))
        {
            var owner = reader.GetString(3);
            throw new StartupException(
                $"The tables of the database {name} belong to the role {owner}, and only that role may change them; "
                + $"run the command migrate as {owner}.");
        }

        if (await reader.IsDBNullAsync(1, ct) || !reader.GetBoolean(2))
        {
            var schema = await reader.IsDBNullAsync(1, ct) ? "public" : reader.GetString(1);
            throw new StartupException(
                $"The role {grantee} may not create tables in the schema {schema} of the database {name}; "
                + $"run there GRANT USAGE, CREATE ON SCHEMA {schema} TO {grantee}.");
        }
    }

    /// <summary>True if a fault may pass: the database starts, fails over or has no connection left.</summary>
    /// <param name="exception">The fault.</param>
    /// <param name="hasSeveralHosts">True if the driver looks for one of several hosts, and reports them together.</param>
    public static bool MayPass(NpgsqlException exception, bool hasSeveralHosts) =>
        exception.IsTransient || (hasSeveralHosts && exception is not PostgresException);

    /// <summary>A sentence with the cause of a fault that may pass, and its cure.</summary>
    public string DescribePassing(Exception exception) => exception is PostgresException fault
        ? Describe(fault)
        : $"The database {name} does not answer ({CauseOf(exception)}); start it, or set ConnectionStrings:AuthServer.";

    /// <summary>A sentence with the cause of a fault that does not pass, and its cure.</summary>
    public string Describe(NpgsqlException exception) => exception is PostgresException fault
        ? Describe(fault)
        : $"The database {name} can't be reached ({CauseOf(exception)}); correct ConnectionStrings:AuthServer.";

    private string Describe(PostgresException fault) => fault.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword =>
            $"The database {name} refuses the password of the role {Grantee}; "
            + "correct it in ConnectionStrings:AuthServer, or in PGPASSWORD or the passfile.",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"The database {name} does not admit the role {Grantee} ({fault.MessageText}); make it, or allow it in pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName =>
            $"The database {name} does not exist; make it by createdb, or set ConnectionStrings:AuthServer.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The role {Grantee} has too few rights on the database {name} ({fault.MessageText}); "
            + "grant it CONNECT on the database and the rights on its tables.",
        _ when fault.IsTransient =>
            $"The database {name} is not ready ({fault.MessageText}); wait for it, or set ConnectionStrings:AuthServer.",
        _ => $"The database {name} can't be used ({fault.MessageText}); correct that, or set ConnectionStrings:AuthServer.",
    };

    private static string CauseOf(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message.Split('\n')[0].TrimEnd('.');
    }
}
