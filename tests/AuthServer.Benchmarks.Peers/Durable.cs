using Microsoft.EntityFrameworkCore;

namespace Peers;

/// <summary>Makes the database of a peer, and makes sure that it is as durable as ours.</summary>
internal static class Durable
{
    /// <summary>Creates the tables; throws unless a commit is flushed to the disk, which is how SQLite is compiled.</summary>
    public static async Task PrepareDatabaseAsync<TContext>(this WebApplication app)
        where TContext : DbContext
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>().Database;
        await db.EnsureCreatedAsync();
        if (!db.IsSqlite())
        {
            // On PostgreSQL it is a matter of the server, whom who started it has told.
            return;
        }

        var journal = await db.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync();
        var synchronous = await db.SqlQueryRaw<int>("SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync();
        if (journal != "wal" || synchronous != 2)
        {
            throw new InvalidOperationException($"journal_mode is {journal} and synchronous {synchronous}, not wal and 2 (FULL).");
        }
    }
}
