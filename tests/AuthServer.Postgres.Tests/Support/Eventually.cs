using System.Net;

namespace AuthServer.Tests.Support;

/// <summary>Waiting for what one node does of which another learns.</summary>
internal static class Eventually
{
    // Of tests whose failure is that something never comes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Looks until something is so.</summary>
    public static async Task BecomesAsync(Func<Task<bool>> condition)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(Patience);
        while (!await condition())
        {
            end.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Looks until a node is ready, or no longer.</summary>
    public static Task BecomesReadyAsync(this AuthServerApp node, HttpStatusCode status = HttpStatusCode.OK) =>
        BecomesAsync(async () => (await node.CreateClient().GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode == status);

    /// <summary>The same session before another node.</summary>
    public static SignedIn On(this SignedIn session, AuthServerApp node) => new(node.CreateClient(), session.Pair);

    /// <summary>Asks a private route until it answers that the session has ended.</summary>
    public static Task WaitForEndAsync(this SignedIn session, string reason) => BecomesAsync(async () =>
    {
        var answer = await session.GetAsync("/me");
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            return false;
        }

        await answer.ShouldBeEndedAsync(reason);
        return true;
    });
}
