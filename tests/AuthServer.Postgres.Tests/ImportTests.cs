using System.Net;
using System.Text.Json.Nodes;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The verb <c>copy</c>, held to the model: a table or a column that is added fails here until it is imported.</summary>
public sealed class ImportTests : IAsyncDisposable
{
    // The audit log stays in the file, and failures are counted anew.
    private static readonly Type[] Left = [typeof(EventRow), typeof(FailureCountRow)];

    private readonly MovedData data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => data.DisposeAsync();

    [Fact]
    public async Task Copy_has_each_row_of_each_table_of_model()
    {
        await using (var app = data.CreateSource())
        {
            await app.LogInAsync("ada");
        }

        await using var source = data.OpenSource();
        var tables = source.Model.GetEntityTypes().ToList();
        source.AddRows(tables, Guid.CreateVersion7());
        source.AddRows(tables, Guid.CreateVersion7(), isFull: false);
        await source.SaveChangesAsync(Ct);
        await data.CopyAsync();

        await using var target = data.OpenTarget();
        foreach (var table in tables)
        {
            var (before, after) = (source.ReadRows(table), target.ReadRows(table));
            Assert.True(before.Count >= 2, table.Name);
            Assert.Equal(Left.Contains(table.ClrType) ? [] : before, after);
        }
    }

    [Fact]
    public async Task Copy_knows_all_proofs_and_those_that_were_used()
    {
        using var passkey = new SoftwareAuthenticator { Counts = true };
        var source = data.CreateSource(("Accounts:LoginByMail", "true"));
        var http = source.CreateClient();
        var ada = await VerifiedAsync(source, "ada");
        var app = await Authenticator.SetUpAsync(source, ada);
        var usedChallenge = await Authenticator.ChallengeAsync(http);
        await (await Authenticator.CompleteAsync(http, usedChallenge, app.Code(1))).ShouldBePairAsync();
        var usedCode = await Authenticator.CompleteAsync(http, await Authenticator.ChallengeAsync(http), app.RecoveryCodes[0]);
        await usedCode.ShouldBePairAsync();
        var challenge = await Authenticator.ChallengeAsync(http);

        var bob = await source.LogInAsync("bob");
        (await bob.SendAsync(HttpMethod.Patch, "/me", new { username = "robert" })).ShouldBe(HttpStatusCode.OK);
        await bob.AddAsync(passkey);
        var usedState = await http.LoginOptionsAsync();
        await (await http.LogInAsync(usedState.State, passkey.Prove(usedState.Options))).ShouldBePairAsync();
        var state = await http.LoginOptionsAsync();

        var carol = await VerifiedAsync(source, "carol");
        (await http.PostAsync("/login/link", new { username = "carol" })).ShouldBe(HttpStatusCode.Accepted);
        var link = Mailbox.TokenOf(await data.Mailbox.FindAsync("Your login link"));
        await source.InDatabaseAsync(db => db.Users.Where(user => user.Username == "carol").ExecuteUpdateAsync(
            set => set.SetProperty(user => user.PasswordHash, UserRow.NoPassword), Ct));
        (await carol.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        var mailCode = Mailbox.CodeOf(await data.Mailbox.FindAsync("Your confirmation code"));
        await source.DisposeAsync();
        await data.CopyAsync();

        await using var copy = data.CreateTarget(("Accounts:LoginByMail", "true"));
        http = copy.CreateClient();
        await new LoggedInDevice(http, ada.Pair).RefreshAsync();

        // A challenge and codes that were used are used, and the rest work.
        await ShouldRefuseAsync(Authenticator.CompleteAsync(http, usedChallenge, app.RecoveryCodes[1]));
        await ShouldRefuseAsync(Authenticator.CompleteAsync(http, challenge, app.RecoveryCodes[0]));
        await ShouldRefuseAsync(Authenticator.CompleteAsync(http, challenge, app.Code(1)));
        await (await Authenticator.CompleteAsync(http, challenge, app.RecoveryCodes[1])).ShouldBePairAsync();
        copy.Clock.Advance(TimeSpan.FromSeconds(60));
        var later = new Authenticator(copy, app.Secret);
        var login = await Authenticator.CompleteAsync(http, await Authenticator.ChallengeAsync(http), later.Code());
        await login.ShouldBePairAsync();

        await (await http.LogInAsync(usedState.State, passkey.Prove(usedState.Options)))
            .ShouldBeProblemAsync(401, "invalid_credentials");
        var proof = passkey.Prove(state.Options).ToJsonString();
        await (await http.LogInAsync(state.State, JsonNode.Parse(proof))).ShouldBePairAsync();
        passkey.SignCount = 1;
        await (await http.LogInAsync(passkey)).ShouldBeProblemAsync(401, "invalid_credentials");
        var taken = await http.PostAsync("/register", new { username = "bob", AuthServerApp.Password });
        await taken.ShouldBeProblemAsync(409, "username_taken");

        var moved = new LoggedInDevice(http, carol.Pair);
        await moved.RefreshAsync();
        (await moved.SendAsync(HttpMethod.Post, "/reauthenticate", new { mailCode })).ShouldBe(HttpStatusCode.NoContent);
        await (await http.PostAsync("/login/link/confirm", new { token = link })).ShouldBePairAsync();
    }

    private static async Task ShouldRefuseAsync(Task<HttpResponseMessage> login) =>
        await (await login).ShouldBeProblemAsync(401, "second_factor_invalid");

    private async Task<LoggedInDevice> VerifiedAsync(AuthServerApp app, string username)
    {
        var http = app.CreateClient();
        await http.PostAsync("/register", new { username, AuthServerApp.Password, email = $"{username}@example.org" });
        var token = Mailbox.TokenOf(await data.Mailbox.FindAsync("Confirm your email address"));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync(username);
    }
}
