using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// The connection on which a node hears of the sessions that others end. It listens first and then reads what ended before, so nothing
/// falls between; a heartbeat finds out where it is dead, and compares the clocks.
/// </summary>
internal sealed class NotificationListener(
    NpgsqlDataSource source,
    PostgresNode node,
    SessionEndPublisher ends,
    MachineClock machine,
    AuthMeter meter,
    ILogger<NotificationListener> log) : BackgroundService
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    // A wait of less is one without end.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan NotableOffset = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? link;
    private bool mustRead;
    private long beat;

    /// <summary>Listens before the first request is taken, where the database lets it; where not, it goes on trying.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        meter.ObserveListener(() => node.IsListening, () => node.ClockOffset);
        link = await TryConnectAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = ShortestRest;
        while (!stoppingToken.IsCancellationRequested)
        {
            if ((link ??= await TryConnectAsync(stoppingToken)) is { } connection)
            {
                rest = ShortestRest;
                await ListenAsync(connection, stoppingToken);
                await CloseAsync(connection);
            }

            link = null;
            node.IsListening = false;
            await Task.Delay(rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            rest = rest * 2 < LongestRest ? rest * 2 : LongestRest;
        }
    }

    private async Task<NpgsqlConnection?> TryConnectAsync(CancellationToken ct)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(ct);
            connection.Notification += (_, notice) => OnNotice(notice.Payload);
            await using var listen = new NpgsqlCommand("LISTEN " + EndNotice.Channel, connection);
            await listen.ExecuteNonQueryAsync(ct);
            await ends.PublishRecentAsync(ct);
            await BeatAsync(connection, ct);
            node.IsListening = true;
            return connection;
        }
        catch (Exception exception) when (exception is NpgsqlException or UnavailableException or OperationCanceledException or InvalidOperationException)
        {
            if (!ct.IsCancellationRequested)
            {
                log.ListenerDisconnected(exception);
            }

            if (connection is not null)
            {
                await CloseAsync(connection);
            }

            return null;
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            log.ListenerConnected();
            while (true)
            {
                if (mustRead)
                {
                    mustRead = false;
                    await ends.PublishRecentAsync(ct);
                }

                // However much there is to hear, for the clocks are compared too.
                var untilBeat = Heartbeat - Stopwatch.GetElapsedTime(beat);
                if (untilBeat < ShortestWait || !await connection.WaitAsync(untilBeat, ct))
                {
                    await BeatAsync(connection, ct);
                }
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or UnavailableException or OperationCanceledException or InvalidOperationException)
        {
            if (!ct.IsCancellationRequested)
            {
                log.ListenerDisconnected(exception);
            }
        }
    }

    // Together with the pool, for nobody else is to get one that listens.
    private ValueTask CloseAsync(NpgsqlConnection connection)
    {
        source.Clear();
        return connection.DisposeAsync();
    }

    private void OnNotice(string payload)
    {
        if (EndNotice.TryParse(payload, out var told))
        {
            // Of its own too: where the database went away in the commit, this is how the node learns that it was one.
            ends.Publish(told);
        }
        else
        {
            mustRead = true;
        }
    }

    // The database read its clock somewhere between asking and answering: half of that is how wrong this may be.
    private async Task BeatAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var now = new NpgsqlCommand("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", connection);
        var asked = beat = Stopwatch.GetTimestamp();
        var database = DateTimeOffset.FromUnixTimeMilliseconds((long)(await now.ExecuteScalarAsync(ct))!);
        var offset = machine.Now - (Stopwatch.GetElapsedTime(asked) / 2) - database;
        if (offset.Duration() > NotableOffset && node.ClockOffset.Duration() <= NotableOffset)
        {
            log.ClocksDiffer(offset);
        }

        node.ClockOffset = offset;
    }
}
