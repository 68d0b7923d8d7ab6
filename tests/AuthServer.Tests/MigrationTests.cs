using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AuthServer.Tests;

/// <summary>Migrations of a database that has sessions.</summary>
public sealed class MigrationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Script_of_new_database_is_that_of_all_migrations()
    {
        await using var app = new AuthServerApp();
        var (script, context) = await app.InDatabaseAsync(db => Task.FromResult((
            db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.NoTransactions), db.GetType())));
        Assert.Equal(script, new SchemaVersion(context).Script, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Migration_takes_newest_presented_from_generation()
    {
        await using var app = new AuthServerApp();
        var fresh = await app.LogInAsync("ada");
        var used = await app.LogInAsync("ada");
        var old = used.Pair.RefreshToken;
        await used.RefreshAsync();
        var traded = used.Pair.RefreshToken;
        await used.RefreshAsync();

        await app.InDatabaseAsync(async db =>
        {
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync("Initial", Ct);
            await migrator.MigrateAsync(cancellationToken: Ct);
            return true;
        });

        // Their table was removed meanwhile.
        await app.Get<AccessKeyService>().PrepareAsync(Ct);
        Assert.Null((await app.RowOfAsync(fresh)).NewestPresented);
        Assert.Equal(1u, (await app.RowOfAsync(used)).NewestPresented);
        await (await used.PresentAsync(traded)).ShouldBePairAsync();
        await fresh.RefreshAsync();
        await (await used.PresentAsync(old)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }
}
