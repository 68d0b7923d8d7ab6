using AuthServer;
using AuthServer.Accounts;
using AuthServer.Commands;
using AuthServer.Health;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Sessions;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, Composition.CreateBuilder);
}

try
{
    await using var app = Composition.CreateBuilder(args).Build();
    await app.PrepareToServeAsync();

    app.UseHttp();
    app.MapAccounts();
    app.MapSessions();
    app.MapHealth();
    app.MapMetrics();
    app.MapDocs();
    app.MapAccountPage();

    return await app.ServeAsync() ? 0 : 1;
}
catch (Exception exception) when (StartupErrors.TryDescribe(exception, out var sentences))
{
    foreach (var sentence in sentences)
    {
        await Console.Error.WriteLineAsync(sentence);
    }

    return exception is StartupException { ExitCode: var code } ? code : 1;
}
