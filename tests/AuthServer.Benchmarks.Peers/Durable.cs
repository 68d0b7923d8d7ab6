using Microsoft.EntityFrameworkCore;

namespace Peers;

/// <summary>Creates the database of a peer, and verifies that it is as durable as AuthServer's.</summary>
internal static class Durable
{
    /// <summary>Creates the tables.</summary>
    /// <exception cref="InvalidOperationException">
    /// SQLite does not flush every commit to the disk, as it does by default.
    /// </exception>
    public static async Task PrepareDatabaseAsync<TContext>(this WebApplication app)
        where TContext : DbContext
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>().Database;
        await db.EnsureCreatedAsync();
        if (!db.IsSqlite())
        {
            // PostgreSQL's durability is a setting of its server.
            return;
        }

        var journal = await db.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync();
        var synchronous = await db.SqlQueryRaw<int>("SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync();
        if (journal != "wal" || synchronous != 2)
        {
            throw new InvalidOperationException(
                $"journal_mode is {journal} and synchronous is {synchronous}; expected wal and 2 (FULL).");
        }
    }
}
