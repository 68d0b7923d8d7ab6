using System.Diagnostics;
using System.Text.RegularExpressions;
using AuthServer.Http;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>
/// Refused logins of accounts that exist, that don't, and that are disabled, in random order: by their password, and once there
/// were too many failures.
/// </summary>
public sealed partial class EnumerationTests(ITestOutputHelper report)
{
    private const int ShortForm = 60;
    private const int LongForm = 2000;
    private const int Accounts = 40;
    private const int SessionsOfAccount = 100;

    // The long form measures times, and each kind of login has to take long enough to measure.
    private const int WorkFactorOfShortForm = 4;
    private const int WorkFactorOfLongForm = 8;

    private const double MostSeparable = 0.55;
    private const string WrongPassword = "a wrong password";

    // Shorter than the server's, so that the test takes minutes.
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Kinds = ["unknown", "wrong", "disabled"];
    private static readonly string[] LimitedKinds = ["unknown", "wrong"];

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

        await AssertAlikeAsync(http, Kinds, count, "invalid_credentials", random);
    }

    [Fact]
    public async Task Logins_after_many_failures_are_alike_in_bytes_and_in_long_form_in_time()
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"{count} refusals of each kind");
        await using var app = new AuthServerApp(
            services =>
            {
                var clock = new StandingClock();
                ClientAddresses.AddTo(services);
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
                services.Replace(ServiceDescriptor.Singleton(new RefusalHold(clock) { Time = RefusalTime }));
            },
            [.. Allowances.Settings, ("RateLimits:AccountFailures", "1")]);
        using var home = ClientAddresses.Create(app, "203.0.113.5");
        foreach (var number in Enumerable.Range(0, Accounts))
        {
            await RegisterAsync(home, NameOf("wrong", number));
            for (var session = 0; session < SessionsOfAccount; session++)
            {
                using var login = await LogInAsync(home, NameOf("wrong", number), AuthServerApp.Password);
                Assert.Equal(200, (int)login.StatusCode);
            }
        }

        // Of a block that no account is known in, which takes a look at each of its sessions.
        using var http = ClientAddresses.Create(app, "192.0.2.77");
        foreach (var name in LimitedKinds.SelectMany(kind => Enumerable.Range(0, Accounts).Select(i => NameOf(kind, i))))
        {
            using var failure = await LogInAsync(http, name, WrongPassword);
            Assert.Equal(401, (int)failure.StatusCode);
        }

        await Eventually.BecomesAsync(() => app.Get<FailureCounter>().Waiting == 0);
        await AssertAlikeAsync(http, LimitedKinds, count, "too_many_requests", random);
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

    /// <summary>Asserts that logins of several kinds are refused alike.</summary>
    private async Task AssertAlikeAsync(HttpClient http, IReadOnlyList<string> kinds, int count, string code, Random random)
    {
        var logins = kinds.SelectMany(kind => Enumerable.Repeat(kind, count)).ToArray();
        random.Shuffle(logins);
        var answers = new HashSet<string>();
        var times = kinds.ToDictionary(kind => kind, _ => new List<double>());
        foreach (var kind in logins)
        {
            // The right password of a disabled account, which learns no more than a wrong one.
            var password = kind == "disabled" ? AuthServerApp.Password : WrongPassword;
            var username = NameOf(kind, random.Next(Accounts));
            var began = Stopwatch.GetTimestamp();
            using var answer = await LogInAsync(http, username, password);
            answers.Add(await TextOfAsync(answer));
            times[kind].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Assert.Contains(code, Assert.Single(answers), StringComparison.Ordinal);
        foreach (var (first, second) in kinds.SelectMany((first, i) => kinds.Skip(i + 1).Select(second => (first, second))))
        {
            var separability = Separability.Of(times[first], times[second]);
            report.WriteLine($"AUC of {first} and {second}: {separability:0.000}");
            Assert.True(
                !HardeningRun.IsLong || separability is >= 1 - MostSeparable and <= MostSeparable,
                $"{first} and {second}: {separability:0.000}");
        }
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string username, string password) =>
        http.PostAsync("/login", new { username, password });

    private static string NameOf(string kind, int number) => $"{kind}-{number:00}";

    private static async Task RegisterAsync(HttpClient http, string username) =>
        Assert.Equal(201, (int)(await http.PostAsync("/register", new { username, AuthServerApp.Password })).StatusCode);

    // Everything that the answer has, except the id of its trace.
    private static async Task<string> TextOfAsync(HttpResponseMessage answer) =>
        $"{(int)answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}"
        + TraceId().Replace(await answer.Content.ReadAsStringAsync(Ct), "");

    // The date stands, so that refusals last, but timers run.
    private sealed class StandingClock : TimeProvider
    {
        private readonly DateTimeOffset now = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
