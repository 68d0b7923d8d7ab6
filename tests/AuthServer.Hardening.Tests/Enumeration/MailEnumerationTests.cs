using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>
/// Requests for mails of accounts that have a verified address, that have none, and that don't exist, in random order.
/// </summary>
public sealed class MailEnumerationTests(ITestOutputHelper report)
{
    private const int ShortForm = 60;
    private const int LongForm = 2000;

    // Each account with an address gets every mail that is asked for.
    private const int RequestsOfAccount = 3;

    private static readonly string[] Kinds = ["unknown", "verified", "unverified"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/password/forgot")]
    [InlineData("/login/link")]
    public async Task Requests_for_mails_are_alike_in_bytes_and_in_long_form_in_time(string path)
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"{count} requests of each kind to {path}");
        await using var app = new AuthServerApp([.. Allowances.Settings, ("Accounts:LoginByMail", "true")]);
        using var http = app.CreateClient();
        for (var number = 0; number <= count / RequestsOfAccount; number++)
        {
            await RegisterAsync(http, NameOf("verified", number));
            await RegisterAsync(http, NameOf("unverified", number));
        }

        await app.InDatabaseAsync(db => db.Users.Where(user => user.Username.StartsWith("verified")).ExecuteUpdateAsync(
            set => set.SetProperty(user => user.Email, user => user.Username + "@example.org")
                .SetProperty(user => user.VerifiedEmail, user => user.Username + "@example.org"),
            Ct));

        var answer = await new Comparison(report, random).AssertAlikeAsync(
            Kinds, count, (kind, number) => http.PostAsync(path, new { username = NameOf(kind, number / RequestsOfAccount) }));
        Assert.StartsWith("202\n", answer, StringComparison.Ordinal);

        // Or else the answers would be alike because nothing was sent.
        var outbox = Path.Combine(app.DataDirectory, "outbox");
        await Eventually.BecomesAsync(() =>
            Directory.Exists(outbox) && Directory.GetFiles(outbox, "*.eml").Length == count);
    }

    private static string NameOf(string kind, int number) => $"{kind}-{number:0000}";

    private static async Task RegisterAsync(HttpClient http, string username) =>
        Assert.Equal(201, (int)(await http.PostAsync("/register", new { username, AuthServerApp.Password })).StatusCode);
}
