using System.ComponentModel.DataAnnotations;
using AuthServer.Core;

namespace AuthServer.Sessions;

/// <summary>The section <c>Sessions</c>.</summary>
internal sealed class SessionOptions
{
    /// <summary>Life of a session that is not refreshed. 1 minute to 10 years; 14 days unless set.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3660.00:00:00")]
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Life of a session, refreshed or not. 1 minute to 10 years; 90 days unless set.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3660.00:00:00")]
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Time within which a retry gets the same successor. 0 to 5 minutes; 30 seconds unless set.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>True, unless set, if a retry after the grace gets a new successor; false to take it for reuse.</summary>
    public bool LateRetries { get; set; } = true;

    /// <summary>Live sessions a user may have; 100 unless set, 0 for any number.</summary>
    [Range(0, 1000)]
    public int MaxPerUser { get; set; } = 100;

    /// <summary>Behavior of a login beyond that: <c>displace</c> unless set, or <c>refuse</c>.</summary>
    [AllowedValues(WhenFull.Displace, WhenFull.Refuse, ErrorMessage = "{0} is unknown; set it to displace or refuse.")]
    public WhenFull WhenFull { get; set; } = WhenFull.Displace;

    /// <summary>Domain of the session cookie; empty unless set, for this host alone.</summary>
    public string CookieDomain { get; set; } = "";

    public SessionPolicy ToPolicy() => new()
    {
        IdleLifetime = IdleLifetime,
        AbsoluteLifetime = AbsoluteLifetime,
        Grace = Grace,
        LateRetries = LateRetries,
        MaxPerUser = MaxPerUser,
        WhenFull = WhenFull,
    };
}
