using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>
/// Limit of the lines that callers can cause: a number a minute for each kind and network of a customer, and one for each kind.
/// So a flood fills neither the disk nor the memory of this table. One customer, or one kind, does not silence the rest.
/// Safe to share.
/// </summary>
internal sealed class LineLimit(TimeProvider clock)
{
    /// <summary>Lines a minute for one kind and network.</summary>
    public const int PerNetwork = 10;

    /// <summary>Lines a minute for one kind.</summary>
    public const int Total = 1000;

    private readonly Lock sync = new();
    private readonly Dictionary<(string Kind, string Network), int> lines = [];
    private readonly Dictionary<string, int> totals = [];
    private long minute;

    /// <summary>True if the next line is written. The first line that is left out is replaced by one that says so.</summary>
    /// <param name="log">The log of the line.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="address">The address of the caller; null if it is unknown.</param>
    public bool TryAdmit(ILogger log, string kind, string? address)
    {
        // An IPv6 customer has more addresses than lines.
        var network = ClientNetworks.Of(address) is [var narrowest, ..] ? narrowest.ToString() : SecurityEvent.UnknownAddress;
        var (isAdmitted, isFirstLeftOut, isOfAll) = Count(kind, network);
        if (isFirstLeftOut)
        {
            log.LinesLimited(kind, isOfAll ? "all networks" : network);
        }

        return isAdmitted;
    }

    private (bool IsAdmitted, bool IsFirstLeftOut, bool IsOfAll) Count(string kind, string network)
    {
        lock (sync)
        {
            var now = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (now != minute)
            {
                minute = now;
                lines.Clear();
                totals.Clear();
            }

            var total = totals.GetValueOrDefault(kind);
            if (total >= Total)
            {
                totals[kind] = Total + 1;
                return (false, total == Total, true);
            }

            var counted = lines.GetValueOrDefault((kind, network));
            if (counted <= PerNetwork)
            {
                lines[(kind, network)] = counted + 1;
                totals[kind] = total + 1;
            }

            return (counted < PerNetwork, counted == PerNetwork, false);
        }
    }
}
