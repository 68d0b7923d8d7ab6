using System.Net;
using System.Security.Cryptography;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.Authenticator;

namespace AuthServer.Tests;

/// <summary>Second factors through a change of root keys.</summary>
public sealed class SecondFactorKeyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Factors_are_sealed_again_and_old_root_key_can_go()
    {
        using var folder = new TempFolder();
        string secret, recovery;
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), Root(1)))
        {
            var ada = await app.LogInAsync("ada");
            var authenticator = await SetUpAsync(app, ada);
            (secret, recovery) = (authenticator.Secret, authenticator.RecoveryCodes[0]);
            Assert.Equal(11, await UsesAsync(app, 1));
            (await ada.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
        }

        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), Root(1), Root(2)))
        {
            app.CreateClient();
            Assert.Equal(11, await UsesAsync(app, 1));
            await app.Get<FactorSealing>().RenewAsync(app.Get<ServerKeys>().Root, Ct);
            Assert.Equal((0, 11), (await UsesAsync(app, 1), await UsesAsync(app, 2)));
            var codes = await app.InDatabaseAsync(db => db.RecoveryCodes.ToListAsync(Ct));
            Assert.All(codes, code => Assert.Equal(2, code.Sealed[0]));
        }

        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), Root(2)))
        {
            var http = app.CreateClient();
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            var code = new Authenticator(app, secret).Code();
            await (await CompleteAsync(http, await ChallengeAsync(http), code)).ShouldBePairAsync();
            await (await CompleteAsync(http, await ChallengeAsync(http), recovery)).ShouldBePairAsync();
        }
    }

    [Fact]
    public async Task Revoked_root_key_leaves_factors_usable()
    {
        using var folder = new TempFolder();
        string secret;
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), Root(1)))
        {
            secret = (await SetUpAsync(app, await app.LogInAsync("ada"))).Secret;
        }

        await using var later = new AuthServerApp(("Data:Directory", folder.Path), Root(1), Root(2));
        var http = later.CreateClient();
        Assert.NotNull(await later.Get<AccessKeyService>().RevokeRootAsync(1, Ct));
        later.Clock.Advance(TimeSpan.FromMinutes(1));
        var code = new Authenticator(later, secret).Code();
        await (await CompleteAsync(http, await ChallengeAsync(http), code)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Value_that_was_changed_in_database_never_counts_and_stops_nothing()
    {
        using var folder = new TempFolder();
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), Root(1)))
        {
            await SetUpAsync(app, await app.LogInAsync("ada"));
        }

        await using var later = new AuthServerApp(("Data:Directory", folder.Path), Root(1), Root(2));
        await later.InDatabaseAsync(db => db.Totps.ExecuteUpdateAsync(
            set => set.SetProperty(totp => totp.Sealed, new byte[] { 1, 2, 3 }), Ct));
        await later.Get<FactorSealing>().RenewAsync(later.Get<ServerKeys>().Root, Ct);
        var http = later.CreateClient();
        var answer = await CompleteAsync(http, await ChallengeAsync(http), "000000");
        await answer.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    private static (string Key, string Value) Root(byte number) =>
        ($"Keys:Root:{number}", Convert.ToBase64String(SHA256.HashData([number])));

    private static async Task<int> UsesAsync(AuthServerApp app, int number) =>
        (await app.Get<RootKeyService>().FindUsesAsync(Ct)).Single(use => use.Number == number).SecondFactors;
}
