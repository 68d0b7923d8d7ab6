using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Mail servers that answer late or never. Each test takes the time that they are given.</summary>
public sealed class SlowMailServerTests : IDisposable
{
    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Server_that_never_answers_gets_mail_later()
    {
        var silence = new TaskCompletionSource();
        await using var mail = new MailServer(data.Root);
        await using var silent = new LoopbackListener(async connection =>
        {
            await silence.Task;
            connection.Dispose();
        });
        var command = mail.CommandOf(data);
        await using var server = await ServerProcess.StartAsync(
            command with { Settings = [.. command.Settings, $"Mail:Smtp:Port={silent.Port}"] });
        await ShouldBeKeptAsync(server);
        silence.SetResult();
    }

    [Fact]
    public async Task Server_that_never_answers_to_content_gets_mail_later()
    {
        var silence = new TaskCompletionSource();
        await using var mail = new MailServer(data.Root);
        mail.ReachedAsync = step => step == MailStep.Taken ? silence.Task : Task.CompletedTask;
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await ShouldBeKeptAsync(server);
        silence.SetResult();
    }

    // The account is usable at once. The mail waits for another attempt.
    private async Task ShouldBeKeptAsync(ServerProcess server)
    {
        var registration = await server.Http.PostAsync(
            "/register", new { username = "ada", password = HttpAssertions.Password, email = "ada@example.com" });
        await registration.ShouldBeAsync(HttpStatusCode.Created);
        await server.Http.LogInAsync("ada");
        await Eventually.BecomesAsync(() => Problem() == "the mail server did not answer in time");
    }

    // Of the mail while it waits.
    private string? Problem()
    {
        using var database = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        using var command = database.CreateCommand();
        command.CommandText = "SELECT problem FROM mails WHERE state = 1";
        return command.ExecuteScalar() as string;
    }
}
