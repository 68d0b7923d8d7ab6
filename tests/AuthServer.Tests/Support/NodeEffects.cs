using System.Net;

namespace AuthServer.Tests.Support;

/// <summary>Waits for effects on a node, and of one node on another.</summary>
internal static class NodeEffects
{
    /// <summary>Checks a node until <c>/health/ready</c> answers with a status.</summary>
    public static Task BecomesReadyAsync(this AuthServerApp node, HttpStatusCode status = HttpStatusCode.OK) =>
        Eventually.BecomesAsync(async () =>
        {
            var answer = await node.CreateClient().GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return answer.StatusCode == status;
        });

    /// <summary>The same session as a client of another node.</summary>
    public static LoggedInDevice On(this LoggedInDevice session, AuthServerApp node) => new(node.CreateClient(), session.Pair);

    /// <summary>Requests a private route until it answers that the session has ended.</summary>
    public static Task WaitForEndAsync(this LoggedInDevice session, string reason) => Eventually.BecomesAsync(async () =>
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
