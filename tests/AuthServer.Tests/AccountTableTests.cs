using System.Net;
using System.Text.Json;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>
/// The export, the deletion and the sweeper, held to the model: a table or a column that is added fails here until each knows it.
/// </summary>
public sealed class AccountTableTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new();
    private Guid userId;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Export_has_each_text_of_account_but_few()
    {
        // The normal form of an address that is there, what a mail server said, and the network of an address that is there.
        string[] left = ["MailRow.NormalizedAddress:", "MailRow.Problem:", "EventRow.Network:", "PasskeyRow.Transports:"];
        var (ada, texts) = await FillAsync();
        var answer = await (await ada.GetAsync("/me/export")).Content.ReadAsStringAsync(Ct);
        Assert.Equal(
            left.Order(StringComparer.Ordinal),
            texts.Where(text => !answer.Contains(text, StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        // Of tables without a text, and of secrets, it has that they are there.
        Assert.Equal(
            [nameof(RecoveryCodeRow), nameof(TotpRow)],
            (await TablesOfAccountAsync()).Except(texts.Select(text => text.Split('.')[0])));
        var export = JsonDocument.Parse(answer).RootElement;
        Assert.Equal(1, export.GetProperty("recoveryCodesLeft").GetInt32());
        Assert.Equal(JsonValueKind.Object, export.GetProperty("authenticatorApp").ValueKind);
    }

    [Fact]
    public async Task Deletion_leaves_nothing_of_account_once_rows_are_swept()
    {
        var (ada, _) = await FillAsync();
        Assert.Equal(await ListTablesAsync(), await TablesOfAccountAsync());
        (await ada.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal([nameof(EventRow), nameof(MailRow), nameof(SessionRow)], await TablesOfAccountAsync());

        // Longer than anything of an account is kept.
        app.Clock.Advance(TimeSpan.FromDays(91));
        await app.SweepAsync();
        Assert.Empty(await TablesOfAccountAsync());
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
    }

    [Fact]
    public async Task Sweeper_removes_what_is_over_and_leaves_all_else()
    {
        string[] swept =
        [
            nameof(EventRow), nameof(FailureCountRow), nameof(MailRow), nameof(SessionRow), nameof(SpentTokenRow),
        ];
        string[] kept =
        [
            nameof(AccessKeyRow), nameof(ExternalIdentityRow), nameof(PasskeyRow), nameof(RecoveryCodeRow),
            nameof(ReservedNameRow), nameof(ResourceServerRow), nameof(RootKeyRow), nameof(TotpRow), nameof(UserRow),
        ];
        var ada = await app.LogInAsync("ada");
        userId = (await app.RowOfAsync(ada)).UserId;
        var tables = await app.InDatabaseAsync(async db =>
        {
            var all = db.Model.GetEntityTypes().ToList();
            db.AddRows(all.Where(table => table.ClrType != typeof(UserRow)), userId);
            await db.SaveChangesAsync(Ct);
            return all;
        });
        Assert.Equal(swept.Concat(kept).Order(StringComparer.Ordinal), tables.Select(table => table.ClrType.Name).Order());
        var before = await CountAsync();
        await app.SweepAsync();
        var after = await CountAsync();
        Assert.Equal(
            swept.Order(StringComparer.Ordinal),
            before.Keys.Where(table => after[table] < before[table]).Order(StringComparer.Ordinal));

        Task<Dictionary<string, int>> CountAsync() => app.InDatabaseAsync(db => Task.FromResult(
            db.Model.GetEntityTypes().ToDictionary(table => table.ClrType.Name, table => db.ReadRows(table).Count)));
    }

    // An account with a row in each table of accounts, and the texts of all columns of these rows.
    private async Task<(LoggedInDevice Device, IReadOnlyList<string> Texts)> FillAsync()
    {
        var ada = await app.LogInAsync("ada");
        userId = (await app.RowOfAsync(ada)).UserId;
        return await app.InDatabaseAsync(async db =>
        {
            var tables = ModelRows.OfAccounts(db).ToList();
            db.AddRows(tables, userId);
            await db.SaveChangesAsync(Ct);
            return (ada, tables.SelectMany(table => table.GetProperties())
                .Where(property => property.ClrType == typeof(string) || property.ClrType == typeof(List<string>))
                .Select(ModelRows.TextOf).ToList());
        });
    }

    private Task<List<string>> ListTablesAsync() => app.InDatabaseAsync(db => Task.FromResult(
        ModelRows.OfAccounts(db).Select(table => table.ClrType.Name).Order(StringComparer.Ordinal).ToList()));

    // Those that have a row of an account.
    private Task<List<string>> TablesOfAccountAsync() => app.InDatabaseAsync(db => Task.FromResult(
        ModelRows.OfAccounts(db)
            .Where(table => db.ReadRows(table).Exists(row => row.Contains($"{userId}", StringComparison.Ordinal)))
            .Select(table => table.ClrType.Name).Order(StringComparer.Ordinal).ToList()));
}
