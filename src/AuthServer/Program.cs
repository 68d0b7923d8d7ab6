using AuthServer;
using AuthServer.Accounts;
using AuthServer.Commands;
using AuthServer.ExternalLogins;
using AuthServer.Health;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Pages;
using AuthServer.Passkeys;
using AuthServer.SecondFactors;
using AuthServer.Sessions;
using AuthServer.Tokens;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, Composition.CreateBuilder);
}

try
{
    var settings = args.Where(argument => argument != RootKeyService.AcceptSwitch).ToArray();
    await using var app = Composition.CreateBuilder(settings).Build();
    app.ValidateSettings();

    app.UseHttp();
    app.MapAccounts();
    app.MapSessions();
    app.MapSecondFactors();
    app.MapPasskeys(route => route.RequireFreshProof(app));
    app.MapForwardAuth();
    app.MapExternalLogins();
    app.MapMetadata();
    app.MapResourceServers();
    app.MapHealth();
    app.MapMetrics();
    app.MapDocs();
    app.MapAccountPage();

    await app.PrepareToServeAsync(acceptsNewKeys: settings.Length < args.Length);
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
