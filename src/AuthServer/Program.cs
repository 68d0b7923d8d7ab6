using AuthServer;
using AuthServer.Accounts;
using AuthServer.Commands;
using AuthServer.Credentials;
using AuthServer.Http;
using AuthServer.Observability;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

if (CommandLine.Knows(args))
{
    return await CommandLine.RunAsync(args);
}

try
{
    var builder = Startup.CreateBuilder(args);
    builder.AddLogDefaults();
    builder.AddTelemetry();
    builder.AddHttp();
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddApiReference();
    builder.Services.AddStorage(builder.Configuration);
    builder.Services.AddTokens();
    builder.Services.AddCredentials();
    builder.Services.AddAccounts();
    builder.Services.AddSessions();

    await using var app = builder.Build();
    await app.PrepareAsync();

    app.UseHttp();
    app.MapAccounts();
    app.MapSessions();
    app.MapHealth();
    app.MapMetrics();
    app.MapApiReference();
    app.MapAccountPage();

    await app.ServeAsync();
    return 0;
}
catch (Exception exception) when (Startup.TryExplain(exception, out var sentences))
{
    foreach (var sentence in sentences)
    {
        await Console.Error.WriteLineAsync(sentence);
    }

    return 1;
}
