using System.Buffers.Text;
using System.Net;
using System.Text;
using AuthServer.Core;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tests;

/// <summary>Requests that reach the database, and requests that never do.</summary>
public sealed class DatabaseUseTests
{
    private readonly DatabaseProbe counter = new();

    [Fact]
    public async Task Refresh_token_that_is_not_ours_never_reaches_database()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var real = ada.Pair.RefreshToken;
        var keys = new RefreshKeyRing(new RootKeyRing(new Dictionary<byte, byte[]> { [1] = new byte[32] }));
        var foreign = new RefreshToken(ada.SessionId, 0).Encode(keys);
        var before = await CountWithoutEventsAsync(app);
        foreach (var forged in new[] { foreign, real[..^1], real + "A", real[..40], "", "nonsense", Flipped(real) })
        {
            await (await ada.PresentAsync(forged)).ShouldBeProblemAsync(401, "refresh_token_invalid");
            (await ada.Http.PostAsync("/logout", new { refreshToken = forged })).ShouldBe(HttpStatusCode.NoContent);
        }

        Assert.Equal(before, counter.Count);
        await ada.RefreshAsync();
        Assert.True(counter.Count > before);
    }

    [Fact]
    public async Task Refresh_token_with_any_bit_flipped_is_refused()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var bytes = Base64Url.DecodeFromChars(ada.Pair.RefreshToken);
        var before = await CountWithoutEventsAsync(app);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var answer = await ada.PresentAsync(Base64Url.EncodeToString(bytes));
            await answer.ShouldBeProblemAsync(401, "refresh_token_invalid");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(before, counter.Count);
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Private_route_answers_without_database()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        await bob.LogoutAsync();
        var before = counter.Count;
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await (await bob.GetAsync("/me")).ShouldBeEndedAsync("logout");
        Assert.Equal(before, counter.Count);
    }

    [Fact]
    public async Task Database_holds_nothing_that_can_log_in()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada", "laptop");
        var first = ada.Pair;
        var second = await ada.RefreshAsync();
        await ada.Http.PostAsync("/login", new { username = "a mistyped password", password = "hunter2 hunter2" });
        var content = await TestDatabase.ContentAsync(app.DataDirectory);
        Assert.Contains("laptop", content, StringComparison.Ordinal);
        var file = Path.Combine(app.DataDirectory, "keys", "root-1.key");
        var root = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[0];
        var access = ((SymmetricSecurityKey)app.Get<AccessKeyRing>().Verifying.Single().Key.Verifier).Key;
        byte[][] keys = [Convert.FromBase64String(root), access];
        string[] secrets =
        [
            AuthServerApp.Password, "a mistyped password", "hunter2",
            .. keys.Select(Convert.ToBase64String), .. keys.Select(Encoding.Latin1.GetString),
            .. keys.Select(Convert.ToHexStringLower),
            .. new[] { first, second }.SelectMany(pair => new[] { pair.AccessToken, pair.RefreshToken }),
        ];
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, content, StringComparison.Ordinal);
            Assert.DoesNotContain(app.Log.Lines, line => line.Text.Contains(secret, StringComparison.Ordinal));
        }

        var macs = new[] { first, second }.Select(pair => Base64Url.DecodeFromChars(pair.RefreshToken)[22..]);
        Assert.DoesNotContain(macs, mac => content.Contains(Encoding.Latin1.GetString(mac), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_stays_one_row_through_all_rotations()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        for (var rotation = 0; rotation < 100; rotation++)
        {
            await ada.RefreshAsync();
        }

        Assert.Equal(1, await app.InDatabaseAsync(db => Task.FromResult(db.Sessions.Count())));
        Assert.Equal(1, await app.InDatabaseAsync(db => Task.FromResult(db.Events.Count(e => e.SessionId != null))));
        Assert.Equal(100u, (await app.RowOfAsync(ada)).Generation);
    }

    // Refusals are counted in the database, but apart from their answers.
    private async Task<int> CountWithoutEventsAsync(AuthServerApp app)
    {
        await app.CountEventsAsync();
        return counter.Count;
    }

    private static string Flipped(string token) => (token[0] == 'A' ? 'B' : 'A') + token[1..];

    private AuthServerApp NewApp() => new(counter.AddTo);
}
