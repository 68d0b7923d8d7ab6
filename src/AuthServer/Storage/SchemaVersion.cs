using System.Reflection;
using AuthServer.Hosting;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AuthServer.Storage;

/// <summary>The migrations that this program has for one kind of database.</summary>
/// <param name="context">The context that the migrations are for.</param>
internal sealed class SchemaVersion(Type context)
{
    // Read from the types, because listing them by EF Core would load it.
    private readonly HashSet<string> known = [.. context.Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == context)
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>()];

    /// <summary>Counts the migrations that a database lacks.</summary>
    /// <param name="applied">The migrations that it has.</param>
    /// <param name="database">Its name in errors.</param>
    /// <param name="mayMigrate">True if it may be brought up to date.</param>
    /// <exception cref="StartupException">A newer program made it, or it is out of date and may not be changed.</exception>
    public int CountPending(IReadOnlyCollection<string> applied, string database, bool mayMigrate)
    {
        if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } foreign)
        {
            throw new StartupException(
                $"The database {database} was made by a newer version (migration {foreign}); run that version or a later one.");
        }

        var pending = known.Count - applied.Count;
        return pending == 0 || mayMigrate
            ? pending
            : throw new StartupException(
                $"The database {database} is not up to date; "
                + "run the command migrate, or start once with Storage:MigrateAtStart=true.");
    }
}
