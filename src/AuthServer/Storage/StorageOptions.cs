using System.ComponentModel.DataAnnotations;

namespace AuthServer.Storage;

/// <summary>The section <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary>The database: <c>sqlite</c> unless set, or <c>postgres</c>.</summary>
    [AllowedValues(Sqlite, Postgres, ErrorMessage = "{0} is unknown; set it to sqlite or postgres.")]
    public string Provider { get; set; } = Sqlite;

    /// <summary>True, unless set, if a start brings the database up to date.</summary>
    public bool MigrateAtStart { get; set; } = true;
}

/// <summary>The section <c>Events</c>.</summary>
internal sealed class EventOptions
{
    /// <summary>Time for which the audit log is kept. 1 day to 10 years; 90 days unless set.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3660.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);
}
