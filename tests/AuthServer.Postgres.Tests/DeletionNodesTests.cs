using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Accounts that are deleted on one of several nodes, and names that several nodes give out.</summary>
public sealed class DeletionNodesTests : IAsyncDisposable
{
    private readonly Nodes nodes = new(3);

    [Fact]
    public async Task Account_that_is_deleted_on_one_node_is_refused_by_all()
    {
        var (ada, phone) = (await nodes[0].LogInAsync("ada"), await nodes[1].LogInAsync("ada"));
        (await ada.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);
        foreach (var node in nodes.All)
        {
            var copy = new LoggedInDevice(node.CreateClient(), phone.Pair);
            await Eventually.BecomesAsync(async () => (await copy.GetAsync("/me")).StatusCode == HttpStatusCode.Unauthorized);
            await (await copy.GetAsync("/me")).ShouldBeEndedAsync("deleted");
            await (await copy.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("deleted");
        }
    }

    [Fact]
    public async Task Name_goes_to_one_of_several_concurrent_requests()
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => nodes[n % 3].LogInAsync($"user{n}")));
        var answers = await Task.WhenAll(devices.Select(
            device => device.SendAsync(HttpMethod.Patch, "/me", new { username = "grace" })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await refused.ShouldBeProblemAsync(409, "username_taken");
        }
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();
}
