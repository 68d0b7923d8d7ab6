using Microsoft.Extensions.Configuration.Memory;

namespace AuthServer.Observability;

internal static class LoggingServiceCollectionExtensions
{
    /// <summary>
    /// Adds the defaults of logging: all messages of the server, warnings and errors of the framework, and JSON in Production.
    /// </summary>
    public static void AddLogDefaults(this WebApplicationBuilder builder)
    {
        var isProduction = builder.Environment.IsProduction();
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:LogLevel:Npgsql"] = "Warning",

                // Lines of requests to providers, and of their answers, have states of logins, names of users and tokens.
                ["Logging:LogLevel:OpenIddict"] = "None",
                ["Logging:LogLevel:System.Net.Http"] = "Warning",

                // Lines of requests have the query, which may be a token, and making one throws for some values of Host.
                ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Warning",

                // One line for each connection beyond the limit, with which a flood would fill the disk.
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections"] = "Error",

                // These repeat, with a stack trace, what a failed start or request already reports.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Critical",

                // In Production, scopes add the trace id that an error response contains.
                ["Logging:Console:FormatterName"] = isProduction ? "json" : "simple",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" + (isProduction ? "" : " "),
                ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
                ["Logging:Console:FormatterOptions:IncludeScopes"] = isProduction ? "true" : "false",
            },
        });
    }
}
