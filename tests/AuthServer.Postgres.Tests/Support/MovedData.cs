using AuthServer.Commands;
using AuthServer.Mail;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>The data of a server on SQLite, which the verb <c>copy</c> moves to PostgreSQL.</summary>
internal sealed class MovedData : IAsyncDisposable
{
    private readonly TempFolder folder = new();

    /// <summary>The mails of both servers.</summary>
    public Mailbox Mailbox { get; } = new();

    private string File => Path.Combine(folder.Path, "authserver.db");

    private (string Key, string Value) Directory => ("Data:Directory", folder.Path);

    /// <summary>Creates the server on SQLite.</summary>
    public AuthServerApp CreateSource(params (string Key, string Value)[] settings) => new(
        Configure,
        [Directory, ("Storage:Provider", "sqlite"), ("ConnectionStrings:AuthServer", $"Data Source={File}"), .. settings]);

    /// <summary>Creates the server on PostgreSQL, with the same keys.</summary>
    public AuthServerApp CreateTarget(params (string Key, string Value)[] settings) => new(Configure, [Directory, .. settings]);

    /// <summary>Opens the database on SQLite.</summary>
    public AuthDbContext OpenSource() => new SqliteAuthDbContext(
        new DbContextOptionsBuilder<SqliteAuthDbContext>().UseSqlite($"Data Source={File};Pooling=false").Options);

    /// <summary>Opens the database on PostgreSQL.</summary>
    public AuthDbContext OpenTarget() => new PostgresAuthDbContext(
        new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql(TargetAddress()).Options);

    /// <summary>Copies, once the server on SQLite is disposed of.</summary>
    public async Task CopyAsync()
    {
        // The program disposes of its services on a thread of its own, which the test host does not wait for.
        await Eventually.BecomesAsync(() => !IsClaimed());
        string[] arguments = ["copy", "--to", TargetAddress(), $"--Data:Directory={folder.Path}"];
        Assert.Equal(0, await CommandLine.RunAsync(arguments, Composition.CreateBuilder));
    }

    public async ValueTask DisposeAsync()
    {
        await TestDatabase.RemoveAsync(folder.Path);
        folder.Dispose();
    }

    private string TargetAddress() =>
        TestDatabase.SettingsOf(folder.Path).Single(setting => setting.Key == "ConnectionStrings:AuthServer").Value;

    private void Configure(IServiceCollection services) => services.AddSingleton<IMailTransport>(Mailbox);

    private bool IsClaimed()
    {
        try
        {
            using var claim = System.IO.File.Open(File + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
