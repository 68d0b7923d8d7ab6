using System.Net;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The keys of several nodes on one database.</summary>
public sealed class KeyNodesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_start_at_once_share_their_keys()
    {
        await using var nodes = new Nodes(3);
        await Task.WhenAll(nodes.All.Select(node => Task.Run(() => node.CreateClient(), Ct)));
        var ada = await nodes[0].LogInAsync("ada");
        foreach (var node in nodes.All)
        {
            (await ada.On(node).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            ada = new LoggedInDevice(ada.Http, await ada.On(node).RefreshAsync());
        }

        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.RootKeys.CountAsync(Ct)));
        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.AccessKeys.CountAsync(Ct)));
        Assert.Single(Directory.GetFiles(Path.Combine(nodes.DataDirectory, "keys")));
    }

    [Fact]
    public async Task Key_that_one_node_creates_signs_on_all()
    {
        await using var nodes = new Nodes(2, ("Tokens:Algorithm", "ES256"));
        var ada = await nodes[1].LogInAsync("ada");
        await nodes[0].Get<AccessKeyService>().RotateAsync(algorithm: null, signsNow: true, Ct);
        while (nodes[1].Get<AccessKeyRing>().Verifying.Count < 2)
        {
            await Task.Yield();
        }

        await ada.RefreshAsync();
        Assert.Equal("2", (string?)new Forgery(ada.Pair.AccessToken).Header["kid"]);
    }

    [Fact]
    public async Task Key_that_one_node_withdraws_is_refused_by_all()
    {
        await using var nodes = new Nodes(2);
        var ada = await nodes[1].LogInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await nodes[0].Get<AccessKeyService>().WithdrawAsync(1, Ct);
        while ((await ada.GetAsync("/me")).StatusCode == HttpStatusCode.OK)
        {
            await Task.Yield();
        }

        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
        await ada.RefreshAsync();
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Token_of_key_that_node_has_not_heard_of_is_accepted()
    {
        await using var nodes = new Nodes(2);
        await nodes[1].LogInAsync("ada");
        await nodes[0].Get<AccessKeyService>().RotateAsync(algorithm: null, signsNow: true, Ct);
        await nodes[0].Get<AccessKeyRing>().ReloadAsync(Ct);
        var bob = await nodes[0].LogInAsync("bob");
        (await bob.On(nodes[1]).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }
}
