using AuthServer.Accounts;
using AuthServer.Credentials;
using AuthServer.ExternalLogins;
using AuthServer.Health;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Mail;
using AuthServer.Observability;
using AuthServer.Pages;
using AuthServer.Passkeys;
using AuthServer.SecondFactors;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Storage.Sqlite;
using AuthServer.Tokens;

namespace AuthServer;

/// <summary>Composes the services, once for the server and for the command line.</summary>
internal static class Composition
{
    /// <summary>
    /// Creates a builder with every service of the server. Settings are read once. To reload <c>appsettings.json</c>, the
    /// framework would watch all folders below the current one, however many there are.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        EnvironmentCheck.ThrowIfUnusable();
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. arguments]);
        builder.AddAuthServer();
        return builder;
    }

    /// <summary>Adds every service of the server. Each is constructed at its first use.</summary>
    public static void AddAuthServer(this WebApplicationBuilder builder)
    {
        LogLevels.ThrowIfUnreadable(builder.Configuration);
        builder.AddLogDefaults();
        builder.AddTelemetry();
        builder.AddHttp();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddApiReference();
        builder.Services.AddDataDirectory();
        builder.Services.AddBranding();
        builder.Services.AddStorage();
        if (builder.Configuration["Storage:Provider"] == StorageOptions.Postgres)
        {
            builder.Services.AddPostgres();
        }
        else
        {
            builder.Services.AddSqlite();
        }

        builder.Services.AddHealth();
        builder.Services.AddTokens();
        builder.Services.AddCredentials();
        builder.Services.AddMail();
        builder.Services.AddAccounts();
        builder.Services.AddSessions();
        builder.Services.AddSecondFactors();
        builder.Services.AddPasskeys();
        builder.AddExternalLogins();
        builder.AddPages();
    }
}
