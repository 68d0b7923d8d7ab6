using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>The row that events are added up in: that of an account or of a network, in one minute.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Minute">The beginning of the minute.</param>
/// <param name="UserId">The account; null for a row of a network.</param>
/// <param name="Network">The network; null for a row of an account.</param>
internal readonly record struct EventKey(EventKind Kind, DateTimeOffset Minute, Guid? UserId, string? Network);

/// <summary>
/// Limits of the rows that counted events fill, so that a flood can't fill the disk. Networks are the widest of <see
/// cref="ClientNetworks"/>. Not safe to share.
/// </summary>
internal sealed class EventRowLimit
{
    /// <summary>The network of events beyond <see cref="Networks"/>.</summary>
    public const string Rest = "other";

    /// <summary>Rows of networks for one kind and minute. All further networks share one row.</summary>
    public const int Networks = 256;

    /// <summary>Rows of networks for one kind in a day. All further networks share one row a minute.</summary>
    public const int NetworksInDay = 10_000;

    /// <summary>Rows of accounts that one network adds in a day. Beyond that its events are counted by network.</summary>
    public const int AccountsOfNetwork = 1000;

    /// <summary>Rows of accounts in a minute. Beyond that events are counted by network.</summary>
    public const int Accounts = 4096;

    // More networks than these have no rows of accounts on that day.
    private const int NetworksOfDay = 10_000;

    private readonly HashSet<(EventKind Kind, string Network)> networks = [];
    private readonly HashSet<(EventKind Kind, Guid UserId)> accounts = [];
    private readonly Dictionary<EventKind, int> networksOfKind = [];
    private readonly Dictionary<EventKind, int> networksOfKindInDay = [];
    private readonly Dictionary<string, int> accountsOfNetwork = [];
    private DateTimeOffset minute;

    /// <summary>Chooses the row of an event.</summary>
    public EventKey Choose(SecurityEvent one, DateTimeOffset now)
    {
        MoveTo(now);
        var addresses = ClientNetworks.Of(one.Client?.IpAddress);
        var network = addresses is [.., var widest] ? widest.ToString() : SecurityEvent.UnknownAddress;
        return one.UserId is { } user && EventRow.CountsByAccount(one.Kind) && HasRow(one.Kind, user, network)
                ? new EventKey(one.Kind, minute, user, Network: null)
                : new EventKey(one.Kind, minute, UserId: null, HasRow(one.Kind, network) ? network : Rest);
    }

    private void MoveTo(DateTimeOffset now)
    {
        var next = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / 60 * 60);
        if (next == minute)
        {
            return;
        }

        if (next.UtcDateTime.Date != minute.UtcDateTime.Date)
        {
            accountsOfNetwork.Clear();
            networksOfKindInDay.Clear();
        }

        minute = next;
        networks.Clear();
        networksOfKind.Clear();
        accounts.Clear();
    }

    private bool HasRow(EventKind kind, Guid user, string network)
    {
        if (accounts.Contains((kind, user)))
        {
            return true;
        }

        var rows = accountsOfNetwork.GetValueOrDefault(network);
        if (accounts.Count >= Accounts || rows >= AccountsOfNetwork || (rows == 0 && accountsOfNetwork.Count >= NetworksOfDay))
        {
            return false;
        }

        accountsOfNetwork[network] = rows + 1;
        return accounts.Add((kind, user));
    }

    private bool HasRow(EventKind kind, string network)
    {
        if (networks.Contains((kind, network)))
        {
            return true;
        }

        var (rows, ofDay) = (networksOfKind.GetValueOrDefault(kind), networksOfKindInDay.GetValueOrDefault(kind));
        if (rows >= Networks || ofDay >= NetworksInDay)
        {
            return false;
        }

        (networksOfKind[kind], networksOfKindInDay[kind]) = (rows + 1, ofDay + 1);
        return networks.Add((kind, network));
    }
}
