using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace AuthServer.Storage.Sqlite;

/// <summary>
/// A statement that stays prepared for the life of its connection. Parameters count from 1, columns from 0. Not safe to share.
/// Source: sqlite.org/c3ref/stmt.html.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int GuidLength = 16;

    private readonly sqlite3 connection;
    private readonly sqlite3_stmt statement;

    /// <exception cref="SqliteException">The statement does not fit this database.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        this.connection = connection.Handle!;
        Check(sqlite3_prepare_v3(this.connection, sql, SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>Number of rows that the last execution changed.</summary>
    public int Changes { get; private set; }

    public void Bind(int parameter, Guid? value)
    {
        if (value is not { } id)
        {
            Check(sqlite3_bind_null(statement, parameter));
            return;
        }

        Span<byte> bytes = stackalloc byte[GuidLength];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(sqlite3_bind_blob(statement, parameter, bytes));
    }

    public void Bind(int parameter, long? value) =>
        Check(value is { } number ? sqlite3_bind_int64(statement, parameter, number) : sqlite3_bind_null(statement, parameter));

    public void Bind(int parameter, string? value) =>
        Check(value is null ? sqlite3_bind_null(statement, parameter) : sqlite3_bind_text(statement, parameter, value));

    /// <summary>
    /// Advances to the next row. False, with the statement reset for its next use, if there is none. <see cref="Changes"/> is
    /// then the number of rows that it changed.
    /// </summary>
    /// <exception cref="SqliteException">The database can't do it. The statement is reset.</exception>
    public bool Step()
    {
        var code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
        {
            return true;
        }

        Changes = sqlite3_changes(connection);
        var failure = code == SQLITE_DONE ? null : Failure(code);
        sqlite3_reset(statement);
        return failure is null ? false : throw failure;
    }

    public Guid Guid(int column) => new(sqlite3_column_blob(statement, column), bigEndian: true);

    public long? Number(int column) =>
        sqlite3_column_type(statement, column) == SQLITE_NULL ? null : sqlite3_column_int64(statement, column);

    public string? Text(int column) =>
        sqlite3_column_type(statement, column) == SQLITE_NULL ? null : sqlite3_column_text(statement, column).utf8_to_string();

    public void Dispose() => statement.Dispose();

    private void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    private SqliteException Failure(int code) => new(
        string.Create(CultureInfo.InvariantCulture, $"SQLite error {code}: {sqlite3_errmsg(connection).utf8_to_string()}"),
        code & 0xFF,
        sqlite3_extended_errcode(connection));
}
