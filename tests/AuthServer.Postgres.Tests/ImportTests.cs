using System.Collections;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

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
        AddRows(source, tables, isFull: true);
        AddRows(source, tables, isFull: false);
        await source.SaveChangesAsync(Ct);
        await data.CopyAsync();

        await using var target = data.OpenTarget();
        foreach (var table in tables)
        {
            var (before, after) = (Read(source, table), Read(target, table));
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
        var mailCode = Mailbox.CodeOf(await data.Mailbox.FindAsync("Your code"));
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
        var token = Mailbox.TokenOf(await data.Mailbox.FindAsync("Confirm your e-mail address"));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync(username);
    }

    // A row of each table, with a value in each column, or with nulls in those that may be null.
    private static void AddRows(AuthDbContext db, IReadOnlyList<IEntityType> tables, bool isFull)
    {
        var userId = Guid.CreateVersion7();
        foreach (var table in tables)
        {
            var row = Activator.CreateInstance(table.ClrType)!;
            foreach (var property in table.GetProperties())
            {
                var value = property.Name == "UserId" || (property.Name == "Id" && table.ClrType == typeof(UserRow))
                    ? userId
                    : isFull || !property.IsNullable ? ValueOf(property, isFull) : null;
                property.PropertyInfo!.SetValue(row, value);
            }

            db.Add(row);
        }
    }

    // No value is the default of its type, which a column has that is not copied.
    private static object ValueOf(IProperty property, bool isFull)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        var number = isFull ? 101 : 102;
        return type switch
        {
            _ when type == typeof(Guid) => Guid.CreateVersion7(),
            _ when type == typeof(string) => $"{property.Name} ü\"{{}}, {number}",
            _ when type == typeof(byte[]) => RandomNumberGenerator.GetBytes(40),
            _ when type == typeof(List<string>) => new List<string> { "a \"b\", {c}", $"{number}" },
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + number),
            _ when type == typeof(bool) => true,
            _ when type.IsEnum => Enum.GetValues(type).Cast<object>().Last(),
            _ => Convert.ChangeType(number, type, System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    // Each row as one text, in an order of their own.
    private static List<string> Read(AuthDbContext db, IEntityType table)
    {
        var all = (IEnumerable)typeof(DbContext).GetMethod(nameof(DbContext.Set), Type.EmptyTypes)!
            .MakeGenericMethod(table.ClrType).Invoke(db, null)!;
        var properties = table.GetProperties().ToList();
        return
        [
            .. all.Cast<object>().Select(row => JsonSerializer.Serialize(
                properties.ToDictionary(property => property.Name, property => property.PropertyInfo!.GetValue(row))))
                .Order(StringComparer.Ordinal),
        ];
    }
}
