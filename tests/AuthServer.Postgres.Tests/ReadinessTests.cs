using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>A database that can be read, and not written to.</summary>
public sealed class ReadinessTests : IAsyncDisposable
{
    private readonly Nodes nodes = new(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Fact]
    public async Task Node_on_database_that_is_only_read_is_not_ready()
    {
        var node = nodes.Add(configure: null);
        var ada = await node.LogInAsync("ada");
        await node.BecomesReadyAsync();
        await SetReadOnlyAsync("on");
        node.Clock.Advance(TimeSpan.FromSeconds(1));

        // Once the node listens again, only the write is left that can fail.
        await Eventually.BecomesAsync(async () => (await ada.GetAsync("/health/traffic")).StatusCode == HttpStatusCode.OK
            && (await ada.GetAsync("/sessions")).StatusCode == HttpStatusCode.OK);
        (await ada.GetAsync("/health/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ada.GetAsync("/sessions")).ShouldBe(HttpStatusCode.OK);
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
        await SetReadOnlyAsync("off");
        await node.BecomesReadyAsync();
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Node_whose_events_are_locked_is_not_ready()
    {
        var hurried = nodes.Add(services => services.AddSingleton(
            StorageTimeouts.OfCommands with { Work = TimeSpan.FromMilliseconds(300) }));
        await hurried.BecomesReadyAsync();
        await nodes[0].InDatabaseAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Ct);
            await db.Database.ExecuteSqlRawAsync("LOCK TABLE events", Ct);
            hurried.Clock.Advance(TimeSpan.FromSeconds(1));
            await hurried.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
            return true;
        });
        await hurried.BecomesReadyAsync();
    }

    // For new connections, of which the node needs some then.
    private Task<bool> SetReadOnlyAsync(string value) => nodes[0].InDatabaseAsync(async db =>
    {
        var database = TestDatabase.NameOf(nodes.DataDirectory);
        await db.Database.OpenConnectionAsync(Ct);
#pragma warning disable EF1002 // The name of a test's database.
        await db.Database.ExecuteSqlRawAsync("SET default_transaction_read_only = off", Ct);
        await db.Database.ExecuteSqlRawAsync(
            $"ALTER DATABASE {database} SET default_transaction_read_only = {value}", Ct);
#pragma warning restore EF1002
        await db.Database.ExecuteSqlRawAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """,
            Ct);
        return true;
    });
}
