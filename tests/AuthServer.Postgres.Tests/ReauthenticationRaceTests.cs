using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>New proofs whose session another node changes after they have loaded it.</summary>
public sealed class ReauthenticationRaceTests : IAsyncDisposable
{
    private readonly Nodes nodes = new(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AuthServerApp Node => nodes[0];

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Fact]
    public async Task Session_that_ends_meanwhile_is_refused_with_its_reason()
    {
        var ada = await Node.LogInAsync("ada");
        var before = await Node.RowOfAsync(ada);
        var result = await ReauthenticateDuringAsync(ada, presented: null, "ended_at = 1, end_reason = 1");
        var after = await Node.RowOfAsync(ada);
        Assert.Equal(new AskingSessionEnded(after.EndReason!.Value), result);
        Assert.Equal(before.AuthenticatedAt, after.AuthenticatedAt);
        Assert.Equal(0, await Node.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Reauthenticated, Ct)));
    }

    [Theory]
    [InlineData(null, 1u)]
    [InlineData(0u, 3u)]
    public async Task Session_that_rotates_meanwhile_keeps_rotation_and_takes_proof(uint? presented, uint generation)
    {
        var ada = await Node.LogInAsync("ada");
        var rotated = $"generation = 1, newest_presented = 0, rotated_at = {Node.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var result = await ReauthenticateDuringAsync(ada, presented, rotated);
        Assert.Equal(1u, Assert.IsType<SessionProofUsed>(result).Stored);
        var row = await Node.RowOfAsync(ada);
        Assert.Equal((generation, Node.Clock.GetUtcNow()), (row.Generation, row.AuthenticatedAt));
        Assert.Equal(1, await Node.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Reauthenticated, Ct)));
    }

    // The row is locked when the proof is to be written, and has changed when the lock is free.
    private async Task<SessionProofResult> ReauthenticateDuringAsync(LoggedInDevice device, uint? presented, string change)
    {
        Node.Clock.Advance(TimeSpan.FromSeconds(5));
        var user = await Node.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(Ct));
        var proof = new AuthenticationProof(
            user.Id, AuthenticationMethods.Password, Node.Clock.GetUtcNow(), user.SecurityStamp);
        await using var other = await OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Ct);
        await ExecuteAsync(other, $"UPDATE sessions SET {change} WHERE id = '{device.SessionId}'");
        PresentedSecret? token = presented is { } generation ? new(generation, IsHandle: false) : null;
        var result = Node.Get<SessionStore>().ReauthenticateAsync(
            new SessionProof(proof, device.SessionId, token, new ClientInfo(null, null)), Ct);
        await using var observer = await OpenAsync();
        await Eventually.BecomesAsync(async () => await ExecuteAsync(
            observer, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is 1);
        await transaction.CommitAsync(Ct);
        return await result;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var name = TestDatabase.NameOf(nodes.DataDirectory);
        var connection = new NpgsqlConnection(await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(name));
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Made of ids and constants of this test.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Ct);
    }
}
