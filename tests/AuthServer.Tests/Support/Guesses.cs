using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthServer.Tests.Support;

/// <summary>Guesses at passwords, and logins by owners while they go on.</summary>
internal static class Guesses
{
    public const string DeviceHeader = "X-Device-Token";

    /// <summary>A server that limits failures alone, not requests.</summary>
    public static AuthServerApp NewApp(params (string Key, string Value)[] settings) =>
        NewApp(new FailureLimits(), settings);

    /// <summary>A server that limits failures alone, not requests.</summary>
    public static AuthServerApp NewApp(FailureLimits limits, params (string Key, string Value)[] settings) =>
        new(services => AddTo(services, limits), settings);

    /// <summary>Adds addresses of clients, and limits failures while requests are not limited.</summary>
    public static void AddTo(IServiceCollection services, FailureLimits? limits = null)
    {
        ClientAddresses.AddTo(services);
        services.Replace(ServiceDescriptor.Singleton(limits ?? new FailureLimits()));
    }

    /// <summary>Tries a password from an address, with a device token if one is given.</summary>
    public static async Task<HttpResponseMessage> TryAsync(
        this AuthServerApp app, string username, string password, string address, string? device = null)
    {
        using var http = ClientAddresses.Create(app, address);
        if (device is not null)
        {
            http.DefaultRequestHeaders.Add(DeviceHeader, device);
        }

        var answer = await http.PostAsync("/login", new { username, password });
        await app.SettleAsync();
        return answer;
    }

    /// <summary>Waits until the failures so far are written. One that is just being written can count twice until then.</summary>
    public static Task SettleAsync(this AuthServerApp app) =>
        Eventually.BecomesAsync(() => app.Get<FailureCounter>().Waiting == 0);

    /// <summary>Tries wrong passwords, one after the other, and counts the answers by status.</summary>
    public static async Task<Dictionary<HttpStatusCode, int>> GuessAsync(
        this AuthServerApp app, string username, int times, Func<int, string> address, string? device = null)
    {
        var answers = new Dictionary<HttpStatusCode, int>();
        for (var i = 0; i < times; i++)
        {
            var status = (await app.TryAsync(username, "wrong", address(i), device)).StatusCode;
            answers[status] = answers.GetValueOrDefault(status) + 1;
        }

        return answers;
    }

    /// <summary>Uses up what strangers may fail at an account, from many networks.</summary>
    public static async Task ExhaustAsync(this AuthServerApp app, string username)
    {
        await app.GuessAsync(username, 100, Anywhere);
        (await app.TryAsync(username, "wrong", Anywhere(100))).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    /// <summary>An address of a network of its own for each number.</summary>
    public static string Anywhere(int number) => $"198.{18 + (number / 250)}.{number % 250}.7";

    /// <summary>Registers a user, if there is none, and logs in with the right password from an address.</summary>
    /// <returns>The device token.</returns>
    public static async Task<string> LogInAtAsync(
        this AuthServerApp app, string username, string address, string? device = null)
    {
        using var http = ClientAddresses.Create(app, address);
        await http.PostAsync("/register", new { username, password = AuthServerApp.Password });
        var answer = await app.TryAsync(username, AuthServerApp.Password, address, device);
        await answer.ShouldBePairAsync();
        return Assert.Single(answer.Headers.GetValues(DeviceHeader));
    }
}
