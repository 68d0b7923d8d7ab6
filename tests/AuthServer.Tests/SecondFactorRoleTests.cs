using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.Authenticator;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Roles that need a second factor, and logins that have to set one up.</summary>
public sealed class SecondFactorRoleTests : IAsyncLifetime
{
    private const string SetUp = "/login/second-factor/totp";

    private readonly AuthServerApp app = new(("Accounts:RequireSecondFactor:0", "admin"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Role_without_factor_logs_in_once_it_is_set_up()
    {
        await app.LogInAsync("ada");
        await MakeAdminAsync();
        var http = app.CreateClient();
        var challenge = await SetUpChallengeAsync(http);
        var begun = await (await http.PostAsync(SetUp, new { challenge })).ShouldBeJsonAsync();
        var authenticator = new Authenticator(app, begun.GetProperty("secret").GetString()!);
        await (await http.PostAsync(SetUp + "/confirm", new { challenge, code = "000000" }))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
        var confirmed = await http.PostAsync(SetUp + "/confirm", new { challenge, code = authenticator.Code() });
        Assert.Equal(10, CodesOf(await confirmed.ShouldBeJsonAsync()).Count);

        var pair = await (await CompleteAsync(http, await ChallengeAsync(http), authenticator.NextCode())).ShouldBePairAsync();
        Assert.True(new LoggedInDevice(http, pair).Claims.GetProperty("admin").GetBoolean());
        await (await http.PostAsync(SetUp, new { challenge })).ShouldBeProblemAsync(401, "second_factor_invalid");
        await (await http.PostAsync(SetUp + "/confirm", new { challenge, code = authenticator.NextCode() }))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Challenge_to_set_up_opens_no_session()
    {
        await app.LogInAsync("ada");
        await MakeAdminAsync();
        var http = app.CreateClient();
        var challenge = await SetUpChallengeAsync(http);
        await (await CompleteAsync(http, challenge, "000000")).ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Challenge_to_log_in_sets_nothing_up()
    {
        var ada = await app.LogInAsync("ada");
        await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        await (await http.PostAsync(SetUp, new { challenge })).ShouldBeProblemAsync(401, "second_factor_invalid");
        await (await http.PostAsync(SetUp, new { challenge = (string?)null })).ShouldBeInvalidAsync("challenge");
    }

    [Fact]
    public async Task Role_needs_factor_though_user_switched_it_off()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        var off = await ada.SendAsync(HttpMethod.Patch, "/second-factors", new { required = false });
        await off.ShouldBeJsonAsync();
        await MakeAdminAsync();
        var http = app.CreateClient();
        await (await CompleteAsync(http, await ChallengeAsync(http), authenticator.NextCode())).ShouldBePairAsync();
    }

    [Fact]
    public async Task Grant_of_role_ends_sessions_of_one_factor()
    {
        var ada = await app.LogInAsync("ada");
        await MakeAdminAsync();
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
    }

    [Fact]
    public async Task Other_role_ends_none_and_session_of_two_factors_goes_on()
    {
        var ada = await app.LogInAsync("ada");
        await GrantAsync("editor");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        // The session in which the factor was set up has proved one.
        var authenticator = await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var completed = await CompleteAsync(http, await ChallengeAsync(http), authenticator.Code(1));
        var phone = new LoggedInDevice(http, await completed.ShouldBePairAsync());
        await MakeAdminAsync();
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        await phone.RefreshAsync();
        Assert.True(phone.Claims.GetProperty("admin").GetBoolean());
    }

    private Task MakeAdminAsync() => GrantAsync("admin");

    private async Task GrantAsync(string role)
    {
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct));
        Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().ChangeRolesAsync(id, _ => [role], Ct));
    }

    private static async Task<string> SetUpChallengeAsync(HttpClient http)
    {
        var answer = await http.PostAsync("/login", new { username = "ada", password = Password });
        var problem = await answer.ShouldBeProblemAsync(403, "second_factor_setup_required");
        Assert.Equal(300, problem.GetProperty("expiresIn").GetInt32());
        return problem.GetProperty("challenge").GetString()!;
    }
}
