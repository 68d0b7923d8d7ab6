using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The time of a refused guess, which must not disclose that there is an account.</summary>
public sealed class RefusalTimeTests
{
    private const string Address = "192.0.2.77";

    // The look-ups before it take longer for an account than for a name that does not exist.
    [Fact]
    public async Task Refusal_is_answered_after_fixed_time()
    {
        await using var app = new AuthServerApp(services =>
        {
            Guesses.AddTo(services);
            services.Replace(ServiceDescriptor.Singleton(
                new FailureLimits { Account = FailureLimits.OfAccount(1), RefusalTime = TimeSpan.FromSeconds(1) }));
        });
        (await app.TryAsync("ada", "wrong", Address)).ShouldBe(HttpStatusCode.Unauthorized);
        var time = await TimeOfAsync(app.Clock, () => app.TryAsync("ada", "wrong", Address));
        Assert.True(time >= TimeSpan.FromSeconds(1), $"{time}");
    }

    // The clock moves slowly: a request that does not wait for it is answered long before a second has passed.
    private static async Task<TimeSpan> TimeOfAsync(FakeTimeProvider clock, Func<Task<HttpResponseMessage>> refused)
    {
        var (began, answer) = (clock.GetUtcNow(), refused());
        await Eventually.BecomesAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return answer.IsCompleted;
        });
        (await answer).ShouldBe(HttpStatusCode.TooManyRequests);
        return clock.GetUtcNow() - began;
    }
}
