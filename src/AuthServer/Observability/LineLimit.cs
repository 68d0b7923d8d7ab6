namespace AuthServer.Observability;

/// <summary>Fate of a line.</summary>
internal enum LineAdmission
{
    /// <summary>The line is written.</summary>
    Written,

    /// <summary>The line is the first that is left out for its address and kind.</summary>
    FirstLeftOut,

    /// <summary>The line is the first that is left out because there were too many of all addresses.</summary>
    FirstOfAllLeftOut,

    /// <summary>The line is left out.</summary>
    LeftOut,
}

/// <summary>
/// Limit of the lines that callers can cause: a number a minute for each address and kind, and one for all. So a flood fills
/// neither the disk nor the memory of this table. Safe to share.
/// </summary>
internal sealed class LineLimit(TimeProvider clock)
{
    /// <summary>Lines a minute for one address and kind.</summary>
    public const int PerAddress = 10;

    /// <summary>Lines a minute for all addresses and kinds.</summary>
    public const int Total = 1000;

    /// <summary>The address in the line that says that all addresses have reached their limit.</summary>
    public const string All = "all addresses";

    private readonly Lock sync = new();
    private readonly Dictionary<(string Kind, string Address), int> lines = [];
    private long minute;
    private int total;

    /// <summary>Decides on the next line of an address and kind.</summary>
    public LineAdmission Admit(string kind, string address)
    {
        lock (sync)
        {
            var now = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (now != minute)
            {
                (minute, total) = (now, 0);
                lines.Clear();
            }

            if (total >= Total)
            {
                return total++ == Total ? LineAdmission.FirstOfAllLeftOut : LineAdmission.LeftOut;
            }

            var written = lines.GetValueOrDefault((kind, address));
            if (written > PerAddress)
            {
                return LineAdmission.LeftOut;
            }

            lines[(kind, address)] = written + 1;
            total++;
            return written < PerAddress ? LineAdmission.Written : LineAdmission.FirstLeftOut;
        }
    }
}
