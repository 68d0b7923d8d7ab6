using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Tokens that the server would not issue, most of them under its key, on each kind of route that takes one.</summary>
public sealed class TokenForgeryTests(KeyedApp keyed) : IClassFixture<KeyedApp>
{
    private readonly HttpClient http = keyed.App.CreateClient();

    [Fact]
    public async Task Forged_token_opens_no_private_route()
    {
        var (_, forgeries) = await ForgeAsync();
        Assert.InRange(forgeries.DistinctBy(forged => forged.Token).Count(), 900, int.MaxValue);
        await AnswersShouldBeAsync(forgeries, HttpMethod.Get, "/me", content: null, forged => (401, forged.Code));
    }

    [Fact]
    public async Task Forged_token_alone_logs_nothing_out()
    {
        var (ada, forgeries) = await ForgeAsync();
        var harmless = forgeries.Where(forged => !forged.NamesSession || forged.Code == "access_token_expired").ToList();
        await AnswersShouldBeAsync(harmless, HttpMethod.Post, "/logout", content: null, forged => (401, forged.Code));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/refresh")]
    [InlineData("/logout")]
    public async Task Forged_token_beside_refresh_token_is_mismatch(string path)
    {
        var (ada, forgeries) = await ForgeAsync();
        var mismatching = forgeries.Where(forged => !forged.NamesSession).ToList();
        await AnswersShouldBeAsync(
            mismatching, HttpMethod.Post, path, new { ada.Pair.RefreshToken }, _ => (400, "token_mismatch"));
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Token_of_another_age_still_names_its_session()
    {
        var (ada, forgeries) = await ForgeAsync();
        var naming = forgeries.Where(forged => forged.NamesSession).ToList();
        Assert.NotEmpty(naming);
        await AnswersShouldBeAsync(
            naming, HttpMethod.Post, "/refresh", new { ada.Pair.RefreshToken }, _ => (200, "\"refreshToken\""));
    }

    [Fact]
    public async Task Token_that_is_right_in_other_words_is_accepted()
    {
        var (ada, _) = await ForgeAsync();
        foreach (var (name, token) in Forgeries.Genuine(ada.Pair.AccessToken, KeyedApp.Key))
        {
            var answer = await http.SendAsync(HttpMethod.Get, "/me", "Bearer " + token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, name);
        }
    }

    private async Task<(LoggedInDevice Ada, IReadOnlyList<ForgedToken> Forgeries)> ForgeAsync()
    {
        var ada = await keyed.App.LogInAsync("ada");
        return (ada, Forgeries.Of(ada.Pair.AccessToken, KeyedApp.Key));
    }

    // All of them, so that a message lists each forgery that is taken for genuine.
    private async Task AnswersShouldBeAsync(
        IReadOnlyList<ForgedToken> forgeries,
        HttpMethod method,
        string path,
        object? content,
        Func<ForgedToken, (int, string)> expected)
    {
        var wrong = new List<string>();
        foreach (var forged in forgeries)
        {
            var body = content is null ? null : HttpAssertions.Json(content);
            using var answer = await http.SendAsync(method, path, "Bearer " + forged.Token, body);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var (status, word) = expected(forged);
            if ((int)answer.StatusCode != status || !text.Contains(word, StringComparison.Ordinal))
            {
                wrong.Add($"{forged.Family}: {forged.Name}: {(int)answer.StatusCode} {text}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {forgeries.Count} wrong:\n{string.Join('\n', wrong)}");
    }
}
