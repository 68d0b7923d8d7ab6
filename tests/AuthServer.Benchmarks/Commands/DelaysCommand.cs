using AuthServer.Benchmarks.Delays;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary>
/// The command <c>delays</c>: measures how long requests of some users take while other users have many sessions or guess
/// passwords.
/// </summary>
internal static class DelaysCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds");
        var rounds = options.Number("rounds", 3);
        var program = await Publisher.PublishAsync(Peers.Find(Peers.AuthServer), ct);
        var (refreshes, logins) = (new RefreshDelays(program), new LoginDelays(program));
        for (var round = 1; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            await logins.MeasureAsync(ct);
            await refreshes.MeasureAsync(ct);
        }

        Table[] tables = [refreshes.ToTable(), logins.ToTable()];
        Console.WriteLine(string.Join('\n', tables.Select(table => table.ToText())));
        var file = Path.Combine(Repository.Artifacts, "delays.md");
        await File.WriteAllTextAsync(file, string.Join('\n', tables.Select(table => table.ToMarkdown())), ct);
        Console.WriteLine($"Saved as Markdown: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return 0;
    }
}
