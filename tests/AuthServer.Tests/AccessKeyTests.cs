using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The keys of access tokens: algorithms, rotation, withdrawal.</summary>
public sealed class AccessKeyTests
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HS256", 43)]
    [InlineData("ES256", 86)]
    [InlineData("RS256", 342)]
    public async Task Token_is_signed_with_configured_algorithm(string algorithm, int signatureLength)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        var ada = await app.LogInAsync("ada");
        Assert.Equal((algorithm, "1"), HeaderOf(ada));
        Assert.Equal(signatureLength, ada.Pair.AccessToken.Split('.')[2].Length);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.Http.PostAsync("/refresh", new { ada.Pair.RefreshToken })).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task Token_with_any_bit_of_signature_changed_is_invalid(string algorithm)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        var ada = await app.LogInAsync("ada");
        var parts = ada.Pair.AccessToken.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        for (var at = 0; at < signature.Length; at += 7)
        {
            byte[] changed = [.. signature];
            changed[at] ^= 1;
            await ShouldBeInvalidAsync(ada, $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(changed)}");
        }
    }

    [Fact]
    public async Task Public_key_is_no_secret_of_other_algorithm()
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", "RS256"));
        var ada = await app.LogInAsync("ada");
        using var rsa = RSA.Create();
        var key = app.Get<AccessKeyRing>().Verifying.Single().Key.Public!;
        rsa.ImportParameters(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key.N),
            Exponent = Base64Url.DecodeFromChars(key.E),
        });
        byte[][] secrets =
            [rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey(), Base64Url.DecodeFromChars(key.N), []];
        foreach (var secret in secrets)
        {
            await ShouldBeInvalidAsync(ada, new Forgery(ada.Pair.AccessToken).With("header", "alg", "\"HS256\"").Sign(secret));
        }
    }

    [Fact]
    public async Task Change_of_algorithm_is_rotation_and_refuses_no_token()
    {
        using var folder = new TempFolder();
        LoggedInDevice ada;
        await using (var before = new AuthServerApp(("Data:Directory", folder.Path)))
        {
            ada = await before.LogInAsync("ada");
        }

        await using var app = new AuthServerApp(("Data:Directory", folder.Path), ("Tokens:Algorithm", "ES256"));
        ada = new LoggedInDevice(app.CreateClient(), ada.Pair);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(Ahead - TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        Assert.Equal(("HS256", "1"), HeaderOf(ada));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await ada.RefreshAsync();
        Assert.Equal(("ES256", "2"), HeaderOf(ada));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Key_rotates_once_it_has_signed_long_enough()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var keys = app.Get<AccessKeyService>();
        app.Clock.Advance(TimeSpan.FromDays(90) - Ahead - TimeSpan.FromMilliseconds(1));
        await keys.RotateIfDueAsync(Ct);
        Assert.Single(await app.Get<KeyStore>().ReadAccessKeysAsync(Ct));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await keys.RotateIfDueAsync(Ct);
        await keys.RotateIfDueAsync(Ct);
        Assert.Equal(2, (await app.Get<KeyStore>().ReadAccessKeysAsync(Ct)).Count);
        ada = await app.LogInAsync("ada");
        Assert.Equal("1", HeaderOf(ada).Id);

        app.Clock.Advance(Ahead);
        Assert.Equal("2", HeaderOf(await app.LogInAsync("ada")).Id);
    }

    [Fact]
    public async Task Token_of_rotated_key_is_accepted_until_it_expires()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await app.Get<AccessKeyService>().RotateAsync(algorithm: null, signsNow: true, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        app.Clock.Advance(TimeSpan.FromSeconds(19));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal("2", HeaderOf(await app.LogInAsync("bob")).Id);

        // Two tolerances of clocks later, no genuine token of it can be valid.
        app.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal([2], app.Get<AccessKeyRing>().Verifying.Select(key => key.Period.Number));
    }

    [Theory]
    [InlineData("HS256", 0)]
    [InlineData("ES256", 1)]
    [InlineData("RS256", 1)]
    public async Task Signature_of_node_itself_is_not_verified_if_that_takes_long(string algorithm, int remembered)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        var ada = await app.LogInAsync("ada");
        Assert.Equal(remembered, app.Get<IssuedTokenCache>().Count);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("ES256")]
    public async Task Withdrawn_key_is_refused_at_once_and_replaced(string algorithm)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        var ada = await app.LogInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(2, await app.Get<AccessKeyService>().WithdrawAsync(1, Ct));
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
        await ada.RefreshAsync();
        Assert.Equal("2", HeaderOf(ada).Id);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Null(await app.Get<AccessKeyService>().WithdrawAsync(1, Ct));
        Assert.Null(await app.Get<AccessKeyService>().WithdrawAsync(3, Ct));
    }

    [Fact]
    public async Task Published_key_takes_place_of_withdrawn_one()
    {
        await using var app = new AuthServerApp();
        var keys = app.Get<AccessKeyService>();
        app.CreateClient();
        await keys.RotateAsync(algorithm: "ES256", signsNow: false, Ct);
        Assert.Equal(2, await keys.WithdrawAsync(1, Ct));
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        Assert.Equal(("ES256", "2"), HeaderOf(await app.LogInAsync("ada")));
        Assert.Equal(2, (await app.Get<KeyStore>().ReadAccessKeysAsync(Ct)).Count);
    }

    [Fact]
    public async Task Withdrawal_of_key_that_does_not_sign_creates_none()
    {
        await using var app = new AuthServerApp();
        var keys = app.Get<AccessKeyService>();
        app.CreateClient();
        await keys.RotateAsync(algorithm: null, signsNow: true, Ct);
        Assert.Equal(2, await keys.WithdrawAsync(1, Ct));
        await keys.RotateAsync(algorithm: null, signsNow: false, Ct);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, await keys.WithdrawAsync(3, Ct));
        var rows = await app.Get<KeyStore>().ReadAccessKeysAsync(Ct);
        Assert.Equal((3, rows[1].CreatedAt), (rows.Count, rows[1].SignsFrom));
        app.Clock.Advance(Ahead);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        Assert.Equal("2", HeaderOf(await app.LogInAsync("ada")).Id);
    }

    [Fact]
    public async Task Key_of_other_node_is_looked_up_once_per_second()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var secret = RandomNumberGenerator.GetBytes(32);
        await ShouldBeInvalidAsync(ada, new Forgery(ada.Pair.AccessToken).With("header", "kid", "\"99\"").Sign(secret));

        var root = app.Get<ServerKeys>().Root;
        var now = app.Clock.GetUtcNow();
        await app.InDatabaseAsync(db =>
        {
            db.AccessKeys.Add(new AccessKeyRow
            {
                Number = 2,
                Algorithm = "HS256",
                CreatedAt = now,
                SignsFrom = now,
                Sealed = SealedValue.Seal(secret, AccessKey.PlaceOf(2, "HS256"), new byte[SealedValue.NonceLength], root),
            });
            return db.SaveChangesAsync(Ct);
        });
        var token = new Forgery(ada.Pair.AccessToken).With("header", "kid", "\"2\"").Sign(secret);
        await ShouldBeInvalidAsync(ada, token);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await MeAsync(ada, token)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Row_that_was_moved_to_other_number_does_not_open()
    {
        using var folder = new TempFolder();
        await using (var before = new AuthServerApp(("Data:Directory", folder.Path)))
        {
            before.CreateClient();
            await before.InDatabaseAsync(db => db.AccessKeys.ExecuteUpdateAsync(
                row => row.SetProperty(key => key.Number, key => key.Number + 1), Ct));
        }

        var refusal = FailedStart.Of(() => new AuthServerApp(("Data:Directory", folder.Path)));
        Assert.StartsWith("The access key 2 can't be opened", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    public async Task Row_that_does_not_open_is_logged_once_and_its_tokens_are_refused(string hex)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var now = app.Clock.GetUtcNow();
        await app.InDatabaseAsync(db =>
        {
            db.AccessKeys.Add(new AccessKeyRow
            {
                Number = 2,
                Algorithm = "HS256",
                CreatedAt = now,
                SignsFrom = now,
                Sealed = Convert.FromHexString(hex),
            });
            return db.SaveChangesAsync(Ct);
        });
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        await ShouldBeInvalidAsync(ada, new Forgery(ada.Pair.AccessToken).With("header", "kid", "\"2\"").Sign([]));
        Assert.Single(app.Log.Lines, line => line.Event == "AccessKeyNotOpened");
        await ada.RefreshAsync();
        Assert.Equal("1", HeaderOf(ada).Id);
    }

    [Fact]
    public async Task Keys_that_went_long_ago_are_removed_and_newest_number_stays_used()
    {
        await using var app = new AuthServerApp();
        var keys = app.Get<AccessKeyService>();
        app.CreateClient();
        await keys.RotateAsync(algorithm: null, signsNow: true, Ct);
        app.Clock.Advance(TimeSpan.FromDays(31));
        await keys.RotateIfDueAsync(Ct);
        Assert.Equal([2], (await app.Get<KeyStore>().ReadAccessKeysAsync(Ct)).Select(key => key.Number));
        Assert.Equal(3, await keys.WithdrawAsync(2, Ct));
    }

    private static (string Algorithm, string Id) HeaderOf(LoggedInDevice device)
    {
        var header = new Forgery(device.Pair.AccessToken).Header;
        return ((string)header["alg"]!, (string)header["kid"]!);
    }

    private static Task<HttpResponseMessage> MeAsync(LoggedInDevice device, string token) =>
        new LoggedInDevice(device.Http, device.Pair with { AccessToken = token }).GetAsync("/me");

    private static async Task ShouldBeInvalidAsync(LoggedInDevice device, string token) =>
        await (await MeAsync(device, token)).ShouldBeProblemAsync(401, "access_token_invalid");
}
