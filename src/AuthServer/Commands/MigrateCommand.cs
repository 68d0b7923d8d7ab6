using System.CommandLine;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>migrate</c>: brings the database up to date without serving.</summary>
internal static class MigrateCommand
{
    public static Command Create() => new Command("migrate", "Brings the database up to date, for servers with Storage:MigrateAtStart=false.").Does(
        async (_, services, ct) =>
        {
            await services.OpenAsync(StorageUse.Migrate, ct);
            Console.WriteLine("The database is up to date.");
            return null;
        });
}
