using System.ComponentModel.DataAnnotations;
using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>The section <c>RateLimits</c>.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>True if rates are limited; <c>false</c> for load tests and benchmarks.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Requests of an address that hash a password.</summary>
    public RateOptions Credentials { get; set; } = new() { Burst = 60, PerSecond = 1 };

    /// <summary>
    /// Requests of an address that look a session up: more than of <see cref="Credentials"/>, because many people may share an
    /// address.
    /// </summary>
    public RateOptions Sessions { get; set; } = new() { Burst = 1000, PerSecond = 100 };

    /// <summary>Registrations of an address in a day. 1 to 1,000,000; 200 unless set.</summary>
    [Range(1, 1_000_000)]
    public int RegistrationsPerDay { get; set; } = 200;

    /// <summary>Logins of an address in a day, failed ones too. 1 to 1,000,000; 5,000 unless set.</summary>
    [Range(1, 1_000_000)]
    public int LoginsPerDay { get; set; } = 5000;

    /// <summary>Failed logins of an account that delay no stranger. 1 to 1,000,000; 100 unless set.</summary>
    [Range(1, 1_000_000)]
    public int AccountFailures { get; set; } = 100;

    /// <summary>Failed logins of an address that delay no login from it. 1 to 1,000,000; 100 unless set.</summary>
    [Range(1, 1_000_000)]
    public int NetworkFailures { get; set; } = 100;

    /// <summary>The limits of a network as a multiple of those of the next smaller one. 1 to 256; 4 unless set.</summary>
    [Range(1, 256)]
    public int NetworkFactor { get; set; } = 4;

    public FailureLimits ToFailureLimits() => new()
    {
        Enabled = Enabled,
        Account = FailureLimits.OfAccount(AccountFailures),
        Address = FailureLimits.OfAddress(NetworkFailures),
        NetworkFactor = NetworkFactor,
    };
}

/// <summary>A token bucket by settings.</summary>
internal sealed class RateOptions
{
    /// <summary>Requests at once. 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; }

    /// <summary>Requests per second after these. 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int PerSecond { get; set; }
}
