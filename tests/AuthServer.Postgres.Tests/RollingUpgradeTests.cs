using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Statements of nodes of the version before, on the tables of this one.</summary>
public sealed class RollingUpgradeTests : IAsyncDisposable
{
    private readonly Nodes nodes = new(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Theory]
    [InlineData(2, "(user_id, at) WHERE kind = 2")]
    [InlineData(5, "(kind, user_id, at) WHERE kind IN (5, 9)")]
    [InlineData(9, "(kind, user_id, at) WHERE kind IN (5, 9)")]
    public async Task Node_of_version_before_counts_by_its_own_condition(int kind, string target)
    {
        var id = Guid.NewGuid();
        for (var count = 0; count < 2; count++)
        {
#pragma warning disable EF1002 // Made of constants of this test.
            await nodes[0].InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(
                $"""
                INSERT INTO events AS e (at, kind, user_id, count) VALUES (60000, {kind}, '{id}', 1)
                ON CONFLICT {target} DO UPDATE SET count = e.count + excluded.count
                """,
                Ct));
#pragma warning restore EF1002
        }

        Assert.Equal(2, await nodes[0].InDatabaseAsync(
            db => db.Events.Where(e => e.UserId == id).Select(e => e.Count).SingleAsync(Ct)));
    }
}
