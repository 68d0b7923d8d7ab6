// Logs in, requests a private route for longer than the 20 seconds of an access token, and logs out.
//
//     AUTHSERVER_PASSWORD=… dotnet run --project src/Samples/ConsoleClient -- http://localhost:5080 ada 30 1
//
// Address, user name, number of requests and seconds between them; each has a default or is asked for.
using System.Globalization;
using AuthServer.Client;
using Microsoft.Extensions.DependencyInjection;

var address = new Uri(args.ElementAtOrDefault(0) ?? "http://localhost:5080");
var username = args.ElementAtOrDefault(1) ?? Prompt.ForLine("User name: ");
var times = int.Parse(args.ElementAtOrDefault(2) ?? "30", CultureInfo.InvariantCulture);
var pause = TimeSpan.FromSeconds(double.Parse(args.ElementAtOrDefault(3) ?? "1", CultureInfo.InvariantCulture));
var password = Environment.GetEnvironmentVariable("AUTHSERVER_PASSWORD") ?? Prompt.ForSecret("Password: ");

var services = new ServiceCollection();
services.AddAuthServerClient(options => options.ServerAddress = address);
services.AddHttpClient("api", http => http.BaseAddress = address).AddAuthServerTokens();
await using var provider = services.BuildServiceProvider();

var auth = provider.GetRequiredService<AuthServerClient>();
auth.SessionEnded += (_, ended) => Console.WriteLine($"The session has ended: {ended.Code} {ended.Reason}");
try
{
    await auth.LoginAsync(username, password, deviceName: "console sample");
    Console.WriteLine($"Logged in as {(await auth.GetMeAsync()).DisplayName}.");

    // From here on this is an ordinary HTTP client. Tokens are refreshed without it.
    using var api = provider.GetRequiredService<IHttpClientFactory>().CreateClient("api");
    for (var i = 1; i <= times && await auth.IsLoggedInAsync(); i++)
    {
        using var answer = await api.GetAsync(new Uri("me", UriKind.Relative));
        Console.WriteLine($"{i}: {(int)answer.StatusCode}");
        await Task.Delay(pause);
    }

    await auth.LogoutAsync();
    Console.WriteLine("Logged out.");
    return 0;
}
catch (AuthServerException refusal)
{
    await Console.Error.WriteLineAsync($"{refusal.Code}: {refusal.Message}");
    return 1;
}
catch (HttpRequestException failure)
{
    await Console.Error.WriteLineAsync($"{address} can't be reached: {failure.Message}");
    return 1;
}
