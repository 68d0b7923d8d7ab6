using Microsoft.Extensions.Configuration.Memory;

namespace AuthServer.Observability;

internal static class LoggingServiceCollectionExtensions
{
    /// <summary>
    /// What is logged unless configured otherwise: our own lines, and the framework's from warnings up; as JSON in Production.
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

                // Say once more, with a stack trace, what a failed start or request says by itself.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Critical",

                // In Production with the trace id that an error names.
                ["Logging:Console:FormatterName"] = isProduction ? "json" : "simple",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" + (isProduction ? "" : " "),
                ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
                ["Logging:Console:FormatterOptions:IncludeScopes"] = isProduction ? "true" : "false",
            },
        });
    }
}
