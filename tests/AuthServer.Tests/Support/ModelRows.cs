using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AuthServer.Tests.Support;

/// <summary>Rows of any table of the model, so that a new table or column is in each test that uses them.</summary>
internal static class ModelRows
{
    private const string UserId = nameof(SessionRow.UserId);

    // Long before the clock of any test, so that rows of which time decides are due.
    private static readonly DateTimeOffset Past = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The tables that have rows of accounts, except the accounts.</summary>
    public static IEnumerable<IEntityType> OfAccounts(AuthDbContext db) =>
        db.Model.GetEntityTypes().Where(table => table.FindProperty(UserId) is not null);

    /// <summary>Adds a row to each of some tables.</summary>
    /// <param name="db">The database.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="userId">The account of all rows, and the id of a row of accounts.</param>
    /// <param name="isFull">True for a value in each column, or false for null in those that allow it.</param>
    public static void AddRows(this AuthDbContext db, IEnumerable<IEntityType> tables, Guid userId, bool isFull = true)
    {
        foreach (var table in tables)
        {
            var row = Activator.CreateInstance(table.ClrType)!;
            foreach (var property in table.GetProperties())
            {
                var isAccount = property.Name == UserId || (table.ClrType == typeof(UserRow) && property.IsPrimaryKey());
                var value = isAccount ? userId : isFull || !property.IsNullable ? ValueOf(property, isFull) : null;
                property.PropertyInfo!.SetValue(row, value);
            }

            db.Add(row);
        }
    }

    /// <summary>The text that a column of text has in a full row begins with this.</summary>
    public static string TextOf(IProperty property) => $"{property.DeclaringType.ClrType.Name}.{property.Name}:";

    /// <summary>Reads the rows of a table, each as one text, in an order of their own.</summary>
    public static List<string> ReadRows(this AuthDbContext db, IEntityType table)
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

    // No value is the default of its type, which a column has that is not copied.
    private static object ValueOf(IProperty property, bool isFull)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        var number = isFull ? 101 : 102;
        return type switch
        {
            _ when type == typeof(Guid) => Guid.CreateVersion7(),
            _ when type == typeof(string) => $"{TextOf(property)} ü\"{{}}, {number}",
            _ when type == typeof(byte[]) => RandomNumberGenerator.GetBytes(40),
            _ when type == typeof(List<string>) => new List<string> { "a \"b\", {c}", $"{TextOf(property)} {number}" },
            _ when type == typeof(DateTimeOffset) => Past.AddMilliseconds(number),
            _ when type == typeof(bool) => true,
            _ when type.IsEnum => Enum.GetValues(type).Cast<object>().Last(),
            _ => Convert.ChangeType(number, type, CultureInfo.InvariantCulture),
        };
    }
}
