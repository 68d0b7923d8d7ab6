using AuthServer.Http;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>
/// Refused logins in random order: of accounts that exist, that don't, that are disabled, and that have a second factor. They are
/// refused by their password, or because there were too many failures.
/// </summary>
public sealed class EnumerationTests(ITestOutputHelper report)
{
    private const int ShortForm = 60;
    private const int LongForm = 2000;
    private const int Accounts = 40;
    private const int SessionsOfAccount = 100;

    // The long form measures times, and each kind of login has to take long enough to measure.
    private const int WorkFactorOfShortForm = 4;
    private const int WorkFactorOfLongForm = 8;

    private const string WrongPassword = "a wrong password";

    // Shorter than the server's, so that the test takes minutes.
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Kinds = ["unknown", "wrong", "disabled", "protected"];
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
            await RegisterAsync(http, NameOf("protected", number));
        }

        await app.InDatabaseAsync(db => db.Users.Where(user => user.Username.StartsWith("disabled"))
            .ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));
        await app.InDatabaseAsync(ProtectAsync);
        using var right = await LogInAsync(http, NameOf("protected", 0), AuthServerApp.Password);
        Assert.Contains("second_factor_required", await right.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

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

    /// <summary>Asserts that logins of several kinds are refused alike.</summary>
    private async Task AssertAlikeAsync(HttpClient http, IReadOnlyList<string> kinds, int count, string code, Random random)
    {
        var comparison = new Comparison(report, random);
        var answer = await comparison.AssertAlikeAsync(kinds, count, (kind, _) =>
        {
            // The right password of a disabled account, which learns no more than a wrong one.
            var password = kind == "disabled" ? AuthServerApp.Password : WrongPassword;
            return LogInAsync(http, NameOf(kind, random.Next(Accounts)), password);
        });
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string username, string password) =>
        http.PostAsync("/login", new { username, password });

    private static string NameOf(string kind, int number) => $"{kind}-{number:00}";

    private static async Task RegisterAsync(HttpClient http, string username) =>
        Assert.Equal(201, (int)(await http.PostAsync("/register", new { username, AuthServerApp.Password })).StatusCode);

    // Gives accounts an authenticator app, which a wrong password never gets to.
    private static async Task<int> ProtectAsync(AuthDbContext db)
    {
        var users = await db.Users.Where(user => user.Username.StartsWith("protected")).ToListAsync(Ct);
        foreach (var user in users)
        {
            user.SecondFactorRequired = true;
            db.Add(new TotpRow
            {
                UserId = user.Id,
                Sealed = [1],
                RootKey = 1,
                CreatedAt = user.CreatedAt,
                ConfirmedAt = user.CreatedAt,
            });
        }

        return await db.SaveChangesAsync(Ct);
    }

    // The date stands, so that refusals last, but timers run.
    private sealed class StandingClock : TimeProvider
    {
        private readonly DateTimeOffset now = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
