using System.Diagnostics;
using System.Text.RegularExpressions;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>Refused logins of accounts that exist, that don't, and that are disabled, in random order.</summary>
public sealed partial class EnumerationTests(ITestOutputHelper report)
{
    private const int ShortForm = 60;
    private const int LongForm = 2000;
    private const int Accounts = 40;

    // The long form measures times, and each kind of login has to take long enough to measure.
    private const int WorkFactorOfShortForm = 4;
    private const int WorkFactorOfLongForm = 8;

    private const double MostSeparable = 0.55;

    private static readonly string[] Kinds = ["unknown", "wrong", "disabled"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refused_logins_are_alike_in_bytes_and_in_long_form_in_time()
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"{count} logins of each kind");
        await using var app = new AuthServerApp(
        [
            .. Allowances.Settings,
            ("Passwords:WorkFactor", $"{HardeningRun.Of(WorkFactorOfShortForm, WorkFactorOfLongForm)}"),
        ]);
        using var http = app.CreateClient();
        foreach (var number in Enumerable.Range(0, Accounts))
        {
            await RegisterAsync(http, NameOf("wrong", number));
            await RegisterAsync(http, NameOf("disabled", number));
        }

        await app.InDatabaseAsync(db => db.Users.Where(user => user.Username.StartsWith("disabled"))
            .ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));

        var logins = Kinds.SelectMany(kind => Enumerable.Repeat(kind, count)).ToArray();
        random.Shuffle(logins);
        var answers = new HashSet<string>();
        var times = Kinds.ToDictionary(kind => kind, _ => new List<double>());
        foreach (var kind in logins)
        {
            // The right password of a disabled account, which learns no more than a wrong one.
            var password = kind == "disabled" ? AuthServerApp.Password : "a wrong password";
            var username = NameOf(kind, random.Next(Accounts));
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsync("/login", new { username, password });
            answers.Add(await TextOfAsync(answer));
            times[kind].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Assert.Contains("invalid_credentials", Assert.Single(answers), StringComparison.Ordinal);
        foreach (var (first, second) in new[] { ("unknown", "wrong"), ("unknown", "disabled"), ("wrong", "disabled") })
        {
            var separability = Separability.Of(times[first], times[second]);
            report.WriteLine($"AUC of {first} and {second}: {separability:0.000}");
            Assert.True(
                !HardeningRun.IsLong || separability is >= 1 - MostSeparable and <= MostSeparable,
                $"{first} and {second}: {separability:0.000}");
        }
    }

    [Fact]
    public void Separability_is_probability_that_first_is_above_second()
    {
        Assert.Equal(1, Separability.Of([3, 4], [1, 2]));
        Assert.Equal(0, Separability.Of([1, 2], [3, 4]));
        Assert.Equal(0.5, Separability.Of([1, 2], [1, 2]));
        Assert.Equal(0.75, Separability.Of([1, 3], [0, 2]));
    }

    [GeneratedRegex("\"traceId\":\"[0-9a-f]+\"")]
    private static partial Regex TraceId();

    private static string NameOf(string kind, int number) => $"{kind}-{number:00}";

    private static async Task RegisterAsync(HttpClient http, string username) =>
        Assert.Equal(201, (int)(await http.PostAsync("/register", new { username, AuthServerApp.Password })).StatusCode);

    // Everything that the answer has, except the id of its trace.
    private static async Task<string> TextOfAsync(HttpResponseMessage answer) =>
        $"{(int)answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}"
        + TraceId().Replace(await answer.Content.ReadAsStringAsync(Ct), "");
}
