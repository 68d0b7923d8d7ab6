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
}
