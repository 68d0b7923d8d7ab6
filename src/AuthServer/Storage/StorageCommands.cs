using System.Data.Common;
using System.Globalization;

namespace AuthServer.Storage;

/// <summary>Statements over a connection, without EF Core.</summary>
internal static class StorageCommands
{
    /// <summary>Creates a command.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="statement">The statement. Its interpolated values become parameters; moments are in milliseconds.</param>
    /// <param name="transaction">The transaction of the connection; null if there is none.</param>
    public static DbCommand NewCommand(
        this DbConnection connection, FormattableString statement, DbTransaction? transaction = null)
    {
        var names = Enumerable.Range(0, statement.ArgumentCount).Select(number => $"@p{number}").ToArray();
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Values are parameters.
        command.CommandText = string.Format(CultureInfo.InvariantCulture, statement.Format, [.. names]);
#pragma warning restore CA2100
        foreach (var (name, value) in names.Zip(statement.GetArguments()))
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value switch
            {
                null => DBNull.Value,
                DateTimeOffset moment => moment.ToUnixTimeMilliseconds(),
                _ => value,
            });
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Reads all rows of a query.</summary>
    public static async Task<List<T>> ReadRowsAsync<T>(this DbCommand query, Func<DbDataReader, T> rowOf, CancellationToken ct)
    {
        await using var reader = await query.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(rowOf(reader));
        }

        return rows;
    }

    /// <summary>The moment of a column in milliseconds; null if it has none.</summary>
    public static DateTimeOffset? MomentOf(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
}
