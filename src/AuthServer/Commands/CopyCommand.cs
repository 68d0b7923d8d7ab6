using System.CommandLine;
using System.Data.Common;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Commands;

/// <summary><c>copy</c>: moves accounts and sessions from a SQLite file to PostgreSQL, so that nobody has to log in again.</summary>
internal static class CopyCommand
{
    // The driver's names for it. Source: npgsql.org/doc/connection-string-parameters.html.
    private static readonly string[] PasswordKeys = ["Password", "PSW", "PWD"];

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
            async (parsed, services, ct) =>
            {
                if (services.Get<IOptions<StorageOptions>>().Value.Provider != StorageOptions.Sqlite)
                {
                    return "Copying goes from SQLite to PostgreSQL: leave Storage:Provider out.";
                }

                var source = services.Get<IStorageProvider>();
                if (!source.Exists)
                {
                    return $"There is no {source.Name} to copy from; set Data:Directory or ConnectionStrings:AuthServer.";
                }

                await services.OpenAsync(StorageUse.Serve, ct);
                await using var target = services.CreateWith(
                    "--Storage:Provider=postgres", $"--ConnectionStrings:AuthServer={WithoutTimeouts(parsed.GetValue(to)!)}");
                await target.OpenAsync(StorageUse.Migrate, ct);
                await target.Get<IStorageProvider>().VerifyKeysAsync(services.Get<ServerKeys>().Fingerprints, ct);

                await using var db = source.CreateContext();
                await target.Get<IDatabaseImport>().ImportAsync(db, Console.Error.WriteLine, ct);
                Console.WriteLine("Everything is there. Give the nodes the same keys, and nobody has to log in again.");
                return null;
            });
    }

    // Everything at once takes its time, the commit too.
    private static string WithoutTimeouts(string connectionString) => connectionString + ";Command Timeout=0;Options=-c idle_in_transaction_session_timeout=0";

    private static bool HasPassword(string connectionString)
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = connectionString };
            return PasswordKeys.Any(settings.ContainsKey);
        }
        catch (ArgumentException)
        {
            // Opening it says what is wrong with it.
            return false;
        }
    }
}
