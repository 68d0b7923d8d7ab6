using System.Globalization;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AuthServer.Tests;

/// <summary>
/// The statements of <see cref="ISessionSql"/>, held to the model of EF Core: both read the same value of each mapped property. A
/// column that is added to the model fails here until the statements have it.
/// </summary>
public sealed class SessionSqlTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // Columns of a session that never change. All other columns are written when it changes.
    private static readonly string[] FixedColumns =
    [
        nameof(SessionRow.Id), nameof(SessionRow.UserId), nameof(SessionRow.CreatedAt), nameof(SessionRow.AuthenticatedAt),
        nameof(SessionRow.Methods), nameof(SessionRow.DeviceName),
    ];

    private readonly AuthServerApp app = new();
    private IModel model = null!;
    private Guid userId;

    // Higher than each default.
    private int lastNumber = 1;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        userId = (await app.LogInAsync("ada")).Claims.GetProperty("sub").GetGuid();
        model = await app.InDatabaseAsync(db => Task.FromResult(db.Model));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Opened_session_with_all_values_is_read_equal()
    {
        var session = Fill(new SessionRow(), property => property.Name != nameof(SessionRow.UserId));
        session.UserId = userId;
        await WriteAsync(new SessionChanges { Opened = { session } });
        await SessionShouldBeReadAsync(session);
    }

    [Fact]
    public async Task Opened_session_without_optional_values_is_read_equal()
    {
        var session = await OpenMinimalAsync();
        await SessionShouldBeReadAsync(session);

        var live = await InTransactionAsync(sql => sql.LoadLiveAsync(userId, 9, besides: null, new SessionChanges(), Ct));
        ShouldEqual(session, Assert.Single(live, one => one.Row.Id == session.Id).Row);
    }

    [Fact]
    public async Task Advanced_session_is_read_equal()
    {
        var changes = new SessionChanges();
        var session = await LoadAsync((await OpenMinimalAsync()).Id, changes);
        session.Change(changes);
        Fill(session.Row, property => !FixedColumns.Contains(property.Name) && !IsOfEnd(property));
        await WriteAsync(changes);
        await SessionShouldBeReadAsync(session.Row);
    }

    [Fact]
    public async Task Ended_session_is_read_equal()
    {
        var changes = new SessionChanges();
        var session = await LoadAsync((await OpenMinimalAsync()).Id, changes);
        session.Change(changes);
        Fill(session.Row, property => !FixedColumns.Contains(property.Name));
        changes.Ended.Add(new SessionEnd(session.Row.Id, session.Row.EndReason!.Value, session.Row.EndedAt!.Value));
        await WriteAsync(changes);
        await SessionShouldBeReadAsync(session.Row);
        Assert.Equal(changes.Ended, await app.Get<IStorageProvider>().EndedSinceAsync(Start, Ct));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_is_read_equal(bool hasOptionalValues)
    {
        var row = Fill(new EventRow(), property => hasOptionalValues || !property.IsNullable);
        await WriteAsync(new SessionChanges { Events = { row } });
        var read = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.At == row.At, Ct));
        ShouldEqual(row, read);
    }

    [Theory]
    [InlineData(EventKind.LoginFailed, null)]
    [InlineData(EventKind.LoginFailed, "203.0.113.0/24")]
    [InlineData(EventKind.RefreshShared, null)]
    [InlineData(EventKind.PasswordChangeFailed, null)]
    [InlineData(EventKind.RateLimited, "203.0.113.0/24")]
    public async Task Counted_event_is_read_equal_and_added_up(EventKind kind, string? network)
    {
        EventRow? row = null;
        var count = 0;
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var (at, user) = (row?.At, row?.UserId);
            row = Fill(new EventRow(), _ => true);
            (row.Kind, row.Network, row.At) = (kind, network, at ?? row.At);
            row.UserId = network is null ? user ?? row.UserId : null;
            count += row.Count;
            await WriteAsync(new SessionChanges { Counted = { row } });
        }

        // A counted event has no values that differ from one time to the next, except those of its last client.
        var read = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.At == row!.At, Ct));
        Assert.Equal((kind, network, row!.UserId, count), (read.Kind, read.Network, read.UserId, read.Count));
        Assert.Equal((row.IpAddress, row.UserAgent), (read.IpAddress, read.UserAgent));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("Ada L.", "ada@example.org", true, "admin", "editor")]
    public async Task User_of_loaded_session_is_read_equal(
        string? displayName, string? verifiedEmail, bool disabled, params string[] roles)
    {
        var session = await OpenMinimalAsync();
        var user = await app.InDatabaseAsync(async db =>
        {
            var row = await db.Users.SingleAsync(Ct);
            (row.DisplayName, row.VerifiedEmail, row.Disabled, row.Roles) = (displayName, verifiedEmail, disabled, [.. roles]);
            await db.SaveChangesAsync(Ct);
            return row.ToTokenSubject();
        });
        Assert.Equal(verifiedEmail, user.VerifiedEmail);
        Assert.Equivalent(user, (await LoadAsync(session.Id)).User, strict: true);
    }

    private static bool IsOfEnd(IProperty property) =>
        property.Name is nameof(SessionRow.EndedAt) or nameof(SessionRow.EndReason);

    private async Task<SessionRow> OpenMinimalAsync()
    {
        var session = Fill(new SessionRow(), property => !property.IsNullable && property.Name != nameof(SessionRow.UserId));
        session.UserId = userId;
        await WriteAsync(new SessionChanges { Opened = { session } });
        return session;
    }

    private async Task SessionShouldBeReadAsync(SessionRow session)
    {
        var read = await app.InDatabaseAsync(db => db.Sessions.SingleAsync(s => s.Id == session.Id, Ct));
        ShouldEqual(session, read);
        ShouldEqual(session, (await LoadAsync(session.Id)).Row);
    }

    private Task<LoadedSession> LoadAsync(Guid id, SessionChanges? changes = null) =>
        InTransactionAsync(async sql => (await sql.LoadAsync([id], changes ?? new SessionChanges(), Ct))[id]);

    private async Task WriteAsync(SessionChanges changes) =>
        Assert.Empty(await InTransactionAsync(sql => sql.WriteAsync(changes, Ct)));

    private async Task<T> InTransactionAsync<T>(Func<ISessionSql, Task<T>> work)
    {
        var provider = app.Get<IStorageProvider>();
        var sql = await provider.OpenForWritingAsync(Ct);
        try
        {
            await using var transaction = await sql.Connection.BeginTransactionAsync(Ct);
            var result = await work(sql);
            await transaction.CommitAsync(Ct);
            return result;
        }
        finally
        {
            await provider.ReleaseAsync(sql, isReusable: false);
        }
    }

    // All except keys that the database generates.
    private IEnumerable<IProperty> PropertiesOf<T>() => model.FindEntityType(typeof(T))!
        .GetProperties()
        .Where(property => !property.IsPrimaryKey() || property.ValueGenerated == ValueGenerated.Never);

    private void ShouldEqual<T>(T expected, T actual)
    {
        foreach (var property in PropertiesOf<T>())
        {
            var value = property.PropertyInfo!;
            Assert.Equal((property.Name, value.GetValue(expected)), (property.Name, value.GetValue(actual)));
        }
    }

    /// <summary>Sets mapped properties to values that differ from one another and from all defaults.</summary>
    private T Fill<T>(T row, Func<IProperty, bool> isWanted)
    {
        foreach (var property in PropertiesOf<T>().Where(isWanted))
        {
            property.PropertyInfo!.SetValue(row, NextValue(Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType));
        }

        return row;
    }

    private object NextValue(Type type)
    {
        lastNumber++;
        return type switch
        {
            _ when type == typeof(Guid) => Guid.NewGuid(),
            _ when type == typeof(string) => $"value {lastNumber}",
            _ when type == typeof(DateTimeOffset) => Start + TimeSpan.FromMilliseconds(1001 * lastNumber),
            _ when type.IsEnum => Enum.ToObject(type, lastNumber),
            _ => Convert.ChangeType(lastNumber, type, CultureInfo.InvariantCulture),
        };
    }
}
