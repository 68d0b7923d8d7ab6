using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>A comparison of answers that must not give their kind away.</summary>
/// <param name="report">Gets the figures.</param>
/// <param name="random">The source of the order.</param>
internal sealed partial class Comparison(ITestOutputHelper report, Random random)
{
    private const double MostSeparable = 0.55;

    /// <summary>
    /// Asserts that the answers to requests of several kinds, in random order, are the same, and in the long form as fast.
    /// </summary>
    /// <param name="kinds">The names of the kinds.</param>
    /// <param name="count">The number of requests of each kind.</param>
    /// <param name="sendAsync">Sends a request, given its kind and its number within the kind.</param>
    /// <returns>The one answer, except the id of its trace.</returns>
    public async Task<string> AssertAlikeAsync(
        IReadOnlyList<string> kinds, int count, Func<string, int, Task<HttpResponseMessage>> sendAsync)
    {
        var order = kinds.SelectMany(kind => Enumerable.Repeat(kind, count)).ToArray();
        random.Shuffle(order);
        var answers = new HashSet<string>();
        var times = kinds.ToDictionary(kind => kind, _ => new List<double>());
        foreach (var kind in order)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await sendAsync(kind, times[kind].Count);
            answers.Add(await TextOfAsync(answer));
            times[kind].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        var only = Assert.Single(answers);
        foreach (var (first, second) in kinds.SelectMany((first, i) => kinds.Skip(i + 1).Select(second => (first, second))))
        {
            var separability = Separability.Of(times[first], times[second]);
            report.WriteLine($"AUC of {first} and {second}: {separability:0.000}");
            Assert.True(
                !HardeningRun.IsLong || separability is >= 1 - MostSeparable and <= MostSeparable,
                $"{first} and {second}: {separability:0.000}");
        }

        return only;
    }

    [GeneratedRegex("\"traceId\":\"[0-9a-f]+\"")]
    private static partial Regex TraceId();

    // Everything that the answer has, except the id of its trace.
    private static async Task<string> TextOfAsync(HttpResponseMessage answer) =>
        $"{(int)answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}"
        + TraceId().Replace(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "");
}
