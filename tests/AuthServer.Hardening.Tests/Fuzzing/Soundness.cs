using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Assertions on a server after an attack.</summary>
internal static class Soundness
{
    /// <summary>Asserts that the server is ready, that a login works, and that no request has failed unexpectedly.</summary>
    public static async Task ShouldBeSoundAsync(this AuthServerApp app)
    {
        using var http = app.CreateClient();
        (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).ShouldBe(HttpStatusCode.OK);
        await (await app.LogInAsync("after-the-attack")).RefreshAsync();
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "RequestFailed");
    }
}
