using AuthServer.Benchmarks.Delays;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The command <c>feed</c>: measures how soon back ends hear of ended sessions.</summary>
internal static class FeedCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds");
        var rounds = options.Number("rounds", 3);
        var delays = new FeedDelays(await Publisher.PublishAsync(Peers.Find(Peers.AuthServer), ct));
        for (var round = 1; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            await delays.MeasureAsync(ct);
        }

        Console.WriteLine(delays.ToTable().ToText());
        Console.WriteLine(delays.Memory);
        return 0;
    }
}
