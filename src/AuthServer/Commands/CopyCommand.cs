using System.CommandLine;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Storage.Sqlite;
using AuthServer.Tokens;
using Npgsql;

namespace AuthServer.Commands;

/// <summary><c>copy</c>: moves accounts and sessions from a SQLite file to PostgreSQL, so that nobody has to log in again.</summary>
internal static class CopyCommand
{
    public static Command Create()
    {
        Option<string> to = new("--to")
        {
            Description = "The database, such as \"Host=db.example.com;Database=authserver;Username=authserver\". Give its password in PGPASSWORD or a passfile.",
            HelpName = "CONNECTION STRING",
            Required = true,
        };
        to.Validators.Add(line =>
        {
            if (HasPassword(line.GetValueOrDefault<string>() ?? ""))
            {
                line.AddError("Leave the password out of --to, for others can read arguments; give it in PGPASSWORD or a passfile.");
            }
        });
        return new Command(
            "copy", "Copies accounts and sessions from the SQLite file of a server that was stopped to PostgreSQL. All is there or nothing, so it can be run again.") { to }.Does(
            async (parsed, workbench, ct) =>
            {
                if (workbench.Get<Microsoft.Extensions.Options.IOptions<StorageOptions>>().Value.Provider != StorageOptions.Sqlite)
                {
                    return "Copying goes from SQLite to PostgreSQL: leave Storage:Provider out.";
                }

                var file = workbench.Get<SqliteFile>().Path;
                if (!File.Exists(file))
                {
                    return $"There is no {file} to copy from; set Data:Directory or ConnectionStrings:AuthServer.";
                }

                await workbench.OpenAsync(StorageUse.Serve, ct);
                await using var target = CommandServices.Create(
                    [.. Settings.Of(parsed), "--Storage:Provider=postgres", $"--ConnectionStrings:AuthServer={WithPatience(parsed.GetValue(to)!)}"]);
                await target.OpenAsync(StorageUse.Migrate, ct);
                await target.Get<IStorageProvider>().AgreeOnAsync(workbench.Get<ServerKeys>().Checks, ct);

                var copy = new PostgresCopy(target.Get<NpgsqlDataSource>(), Console.Error.WriteLine);
                await using var source = workbench.Get<Func<AuthDbContext>>()();
                await copy.RunAsync(source, ct);
                Console.WriteLine("Everything is there. Give the nodes the same keys, and nobody has to log in again.");
                return null;
            });
    }

    // Everything at once takes its time, the commit too.
    private static string WithPatience(string connectionString) => connectionString + ";Command Timeout=0;Options=-c idle_in_transaction_session_timeout=0";

    private static bool HasPassword(string connectionString)
    {
        try
        {
            return !string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connectionString).Password);
        }
        catch (ArgumentException)
        {
            // What is wrong with it is said by whoever opens it.
            return false;
        }
    }
}
