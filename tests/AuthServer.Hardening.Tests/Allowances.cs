namespace AuthServer.Hardening.Tests;

/// <summary>Rate limits that count each request and refuse none.</summary>
internal static class Allowances
{
    private const string Most = "1000000";

    /// <summary>The settings of a server in process.</summary>
    public static IReadOnlyList<(string Key, string Value)> Settings { get; } =
    [
        ("RateLimits:Enabled", "true"),
        ("RateLimits:AccountFailures", Most),
        ("RateLimits:NetworkFailures", Most),
        ("RateLimits:Credentials:Burst", Most),
        ("RateLimits:Sessions:Burst", Most),
        ("RateLimits:LoginsPerDay", Most),
        ("RateLimits:RegistrationsPerDay", Most),
    ];

    /// <summary>The same on the command line of a server.</summary>
    public static IReadOnlyList<string> Arguments { get; } = [.. Settings.Select(setting => $"{setting.Key}={setting.Value}")];
}
