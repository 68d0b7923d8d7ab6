using System.CommandLine;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>migrate</c>: migrates the database without serving requests.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var migrate = new Command("migrate", "Migrates the database, for servers with Storage:MigrateAtStart=false.");
        return migrate.Does(async (_, services, ct) =>
        {
            await services.OpenAsync(StorageUse.Migrate, ct);
            Console.WriteLine("The database is up to date.");
            return null;
        });
    }
}
