using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The statements of the import, held to the model: a column that is added fails here until it is imported.</summary>
public sealed class ImportTests
{
    [Theory]
    [InlineData(typeof(UserRow), PostgresImport.InsertUsers)]
    [InlineData(typeof(SessionRow), PostgresImport.InsertSessions)]
    public async Task Import_writes_each_column_of_model(Type row, string statement)
    {
        await using var app = new AuthServerApp();
        var columns = await app.InDatabaseAsync(db => Task.FromResult(
            db.Model.FindEntityType(row)!.GetProperties().Select(property => property.GetColumnName()).ToList()));
        var listed = statement.Split('(', ')')[1].Split(',', StringSplitOptions.TrimEntries);
        Assert.Equal(columns.Order(), listed.Order());
    }

    [Fact]
    public async Task Import_knows_each_table_of_model()
    {
        // The audit log stays in the file, and failures are counted anew.
        Type[] left = [typeof(EventRow), typeof(FailureCountRow)];
        Type[] copied =
        [
            typeof(UserRow), typeof(SessionRow), typeof(RootKeyRow), typeof(AccessKeyRow), typeof(ResourceServerRow),
            typeof(ExternalIdentityRow), typeof(MailRow), typeof(SpentTokenRow), typeof(TotpRow), typeof(RecoveryCodeRow),
            typeof(PasskeyRow), typeof(ReservedNameRow),
        ];
        await using var app = new AuthServerApp();
        var tables = await app.InDatabaseAsync(db => Task.FromResult(db.Model.GetEntityTypes().Select(table => table.ClrType)));
        Assert.Equal(
            left.Concat(copied).Select(row => row.Name).Order(),
            tables.Select(row => row.Name).Order());
    }
}
