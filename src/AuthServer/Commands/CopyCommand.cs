using System.CommandLine;
using System.Data.Common;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Commands;

/// <summary><c>copy</c>: copies accounts and sessions from a SQLite file to PostgreSQL, so that users stay logged in.</summary>
internal static class CopyCommand
{
    // Source: npgsql.org/doc/connection-string-parameters.html.
    private static readonly string[] PasswordKeys = ["Password", "PSW", "PWD"];

    public static Command Create()
    {
        Option<string> to = new("--to")
        {
            Description = "The target, such as \"Host=db.example.com;Database=authserver;Username=authserver\". "
                + "Its password comes from PGPASSWORD or a passfile.",
            HelpName = "CONNECTION STRING",
            Required = true,
        };
        to.Validators.Add(line =>
        {
            if (HasPassword(line.GetValueOrDefault<string>() ?? ""))
            {
                line.AddError("Other accounts can read arguments; put the password of --to into PGPASSWORD or a passfile.");
            }
        });
        var copy = new Command(
            "copy",
            "Copies accounts and sessions from the SQLite file of a stopped server to PostgreSQL: all or, if it fails, none.")
        {
            to,
        };
        return copy.Does((parsed, services, ct) => CopyAsync(services, parsed.GetValue(to)!, ct));
    }

    private static async Task<string?> CopyAsync(CommandServices services, string to, CancellationToken ct)
    {
        if (services.Get<IOptions<StorageOptions>>().Value.Provider != StorageOptions.Sqlite)
        {
            return "A copy goes from SQLite to PostgreSQL; remove the setting Storage:Provider.";
        }

        var source = services.Get<IStorageProvider>();
        if (!source.Exists)
        {
            return $"There is no {source.Name} to copy; set Data:Directory or ConnectionStrings:AuthServer.";
        }

        await services.OpenAsync(StorageUse.Serve, ct);
        await using var target = services.CreateWith(
            "--Storage:Provider=postgres", $"--ConnectionStrings:AuthServer={WithoutTimeouts(to)}");
        await target.OpenAsync(StorageUse.Migrate, ct);

        await using var db = source.CreateContext();
        await target.Get<IDatabaseImport>().ImportAsync(db, Console.Error.WriteLine, ct);
        Console.WriteLine("The copy is complete. Give the nodes the same keys, so that users stay logged in.");
        return null;
    }

    // The copy is one transaction, whose statements and commit take longer than any timeout allows.
    private static string WithoutTimeouts(string connectionString) =>
        connectionString + ";Command Timeout=0;Options=-c idle_in_transaction_session_timeout=0";

    private static bool HasPassword(string connectionString)
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = connectionString };
            return PasswordKeys.Any(settings.ContainsKey);
        }
        catch (ArgumentException)
        {
            // Opening the database reports the error.
            return false;
        }
    }
}
