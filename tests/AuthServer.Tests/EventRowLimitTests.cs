using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Tests;

/// <summary>Limits of the rows that counted events fill, in a minute and in a day.</summary>
public sealed class EventRowLimitTests
{
    // More than the networks and the accounts that fill a day.
    private const int NetworksOfDay = 10_000;

    private readonly EventRowLimit limit = new();
    private DateTimeOffset now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Accounts_beyond_limit_of_minute_are_counted_by_network()
    {
        var first = Guid.NewGuid();
        Assert.Equal(first, ChooseOf(first, network: 0).UserId);
        for (var account = 1; account < EventRowLimit.Accounts; account++)
        {
            Assert.NotNull(ChooseOf(Guid.NewGuid(), network: account).UserId);
        }

        Assert.Equal((null, NameOf(7)), RowOf(ChooseOf(Guid.NewGuid(), network: 7)));
        Assert.Equal(first, ChooseOf(first, network: 7).UserId);
        now = now.AddMinutes(1);
        Assert.NotNull(ChooseOf(Guid.NewGuid(), network: 7).UserId);
    }

    [Fact]
    public void Network_has_rows_of_accounts_again_on_next_day()
    {
        for (var account = 0; account < EventRowLimit.AccountsOfNetwork; account++)
        {
            Assert.NotNull(ChooseOf(Guid.NewGuid(), network: 0).UserId);
        }

        Assert.Null(ChooseOf(Guid.NewGuid(), network: 0).UserId);
        now = now.AddHours(12).AddMinutes(-1);
        Assert.Null(ChooseOf(Guid.NewGuid(), network: 0).UserId);
        now = now.AddMinutes(1);
        Assert.NotNull(ChooseOf(Guid.NewGuid(), network: 0).UserId);
    }

    [Fact]
    public void Networks_beyond_limit_of_day_have_no_rows_of_accounts()
    {
        for (var network = 0; network < NetworksOfDay; network++)
        {
            now = network % EventRowLimit.Accounts == 0 ? now.AddMinutes(1) : now;
            Assert.NotNull(ChooseOf(Guid.NewGuid(), network).UserId);
        }

        Assert.Null(ChooseOf(Guid.NewGuid(), network: NetworksOfDay).UserId);
        Assert.NotNull(ChooseOf(Guid.NewGuid(), network: 0).UserId);
        now = now.AddDays(1);
        Assert.NotNull(ChooseOf(Guid.NewGuid(), network: NetworksOfDay).UserId);
    }

    [Fact]
    public void Networks_beyond_limit_of_minute_have_rows_in_next_one()
    {
        for (var network = 0; network < EventRowLimit.Networks; network++)
        {
            Assert.Equal(NameOf(network), Choose(network).Network);
        }

        Assert.Equal(EventRowLimit.Rest, Choose(EventRowLimit.Networks).Network);
        now = now.AddMinutes(1);
        for (var network = EventRowLimit.Networks; network < 2 * EventRowLimit.Networks; network++)
        {
            Assert.Equal(NameOf(network), Choose(network).Network);
        }

        // Its row of the minute before is none of this one.
        Assert.Equal(EventRowLimit.Rest, Choose(0).Network);
    }

    [Fact]
    public void Networks_beyond_limit_of_day_share_row_until_next_day()
    {
        for (var network = 0; network < EventRowLimit.NetworksInDay; network++)
        {
            now = network % EventRowLimit.Networks == 0 ? now.AddMinutes(1) : now;
            Assert.Equal(NameOf(network), Choose(network).Network);
        }

        now = now.AddMinutes(1);
        Assert.Equal(EventRowLimit.Rest, Choose(0).Network);
        Assert.Equal(NameOf(0), Choose(0, EventKind.TokenRejected).Network);
        now = now.AddDays(1);
        Assert.Equal(NameOf(0), Choose(0).Network);
    }

    private static (Guid? UserId, string? Network) RowOf(EventKey key) => (key.UserId, key.Network);

    private static string NameOf(int network) => $"10.{network / 256}.{network % 256}.0/24";

    private EventKey ChooseOf(Guid user, int network) => Choose(network, EventKind.LoginFailed, user);

    private EventKey Choose(int network, EventKind kind = EventKind.RateLimited, Guid? user = null) =>
        limit.Choose(new SecurityEvent(kind, new ClientInfo($"10.{network / 256}.{network % 256}.1", null), user), now);
}
