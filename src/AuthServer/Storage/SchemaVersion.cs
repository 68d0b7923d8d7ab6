using System.Reflection;
using AuthServer.Hosting;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AuthServer.Storage;

/// <summary>The migrations that this program has for one kind of database.</summary>
/// <param name="context">The context that the migrations are for.</param>
internal sealed class SchemaVersion(Type context)
{
    // Read from the types, because listing them by EF Core would load it. An id begins with the time at which it was made.
    private readonly List<string> known = [.. context.Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == context)
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>
    /// The statements that create the tables of a new database, as all migrations in their order would. EF Core takes longer to
    /// find and compile the migrations than everything else of a first start takes.
    /// </summary>
    public string Script
    {
        get
        {
            using var reader = new StreamReader(context.Assembly.GetManifestResourceStream(context.Name + ".sql")!);
            return reader.ReadToEnd();
        }
    }

    /// <summary>Counts the migrations that a database lacks.</summary>
    /// <param name="applied">The migrations that it has.</param>
    /// <param name="database">Its name in errors.</param>
    /// <param name="mayMigrate">True if it may be brought up to date.</param>
    /// <exception cref="StartupException">
    /// A version that this one can't read made it, or another program, or it is out of date and may not be changed.
    /// </exception>
    public int CountPending(IReadOnlyCollection<string> applied, string database, bool mayMigrate)
    {
        if (applied.Except(known).Max(StringComparer.Ordinal) is { } foreign)
        {
            throw new StartupException(DescribeForeign(foreign, applied, database));
        }

        var pending = known.Except(applied).ToList();
        if (pending.Count < known.Count && !known.TakeLast(pending.Count).SequenceEqual(pending))
        {
            throw new StartupException(
                $"The database {database} lacks the migration {pending[0]}, but has later ones; restore it from a backup.");
        }

        return pending.Count == 0 || mayMigrate
            ? pending.Count
            : throw new StartupException(
                $"The database {database} is not up to date; "
                + "run the command migrate, or start once with Storage:MigrateAtStart=true.");
    }

    /// <summary>Refuses a database without migrations that has tables, because they are another program's.</summary>
    /// <param name="table">One of the tables; null if there is none.</param>
    /// <param name="database">Its name in errors.</param>
    /// <exception cref="StartupException">There is a table.</exception>
    public static void ThrowIfForeign(string? table, string database)
    {
        if (table is not null)
        {
            throw new StartupException(
                $"The database {database} has a table {table} of another program; give AuthServer a database of its own.");
        }
    }

    private string DescribeForeign(string foreign, IReadOnlyCollection<string> applied, string database)
    {
        if (!applied.Intersect(known).Any())
        {
            return $"The database {database} has tables of another program, or of a version that this one can't read "
                + $"(migration {foreign}); give AuthServer a database of its own, or run the version that made it.";
        }

        return StringComparer.Ordinal.Compare(foreign, known[^1]) > 0
            ? $"The database {database} was made by a newer version (migration {foreign}); run that version or a later one."
            : $"The database {database} was made by an older version that this one can't read (migration {foreign}); "
                + "run a version in between first.";
    }
}
