using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// Listens, on a connection of its own, for the sessions that other nodes end, and for epochs that they raise. It listens first
/// and then reads earlier ends, so that none is missed. A heartbeat finds a dead connection and compares the clocks.
/// </summary>
internal sealed class NotificationListener(
    NpgsqlDataSource source,
    PostgresNode node,
    SessionEndPublisher ends,
    SessionEpochs epochs,
    IEnumerable<IReloadable> state,
    MachineClock machine,
    AuthMeter meter,
    ILogger<NotificationListener> log) : BackgroundService
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MinRetryInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromSeconds(2);

    // The driver takes a shorter wait for an unlimited one.
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan NotableOffset = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? listening;
    private bool mustRead;
    private long beat;

    /// <summary>Listens before the first request is accepted. If the database does not answer, it keeps trying.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        meter.ObserveListener(() => node.IsListening, () => node.ClockOffset);
        listening = await TryConnectAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = MinRetryInterval;
        while (!stoppingToken.IsCancellationRequested)
        {
            if ((listening ??= await TryConnectAsync(stoppingToken)) is { } connection)
            {
                interval = MinRetryInterval;
                await ListenAsync(connection, stoppingToken);
                await CloseAsync(connection);
            }

            listening = null;
            node.IsListening = false;
            await Task.Delay(interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            interval = interval * 2 < MaxRetryInterval ? interval * 2 : MaxRetryInterval;
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
            await state.ReloadAsync(ct);
            await BeatAsync(connection, ct);
            epochs.Reset();
            node.IsListening = true;
            return connection;
        }
#pragma warning disable CA1031 // Whatever it is, the node is not ready until another attempt succeeds.
        catch (Exception exception)
#pragma warning restore CA1031
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
                    await state.ReloadAsync(ct);
                }

                // Also under a constant stream of notifications, because the heartbeat compares the clocks.
                var untilBeat = Heartbeat - Stopwatch.GetElapsedTime(beat);
                if (untilBeat < MinWait || !await connection.WaitAsync(untilBeat, ct))
                {
                    await BeatAsync(connection, ct);
                }
            }
        }
#pragma warning disable CA1031 // Whatever it is, the node is not ready until it listens again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!ct.IsCancellationRequested)
            {
                log.ListenerDisconnected(exception);
            }
        }
    }

    // The pool is cleared too, so that no other caller gets a connection that listens.
    private ValueTask CloseAsync(NpgsqlConnection connection)
    {
        source.Clear();
        return connection.DisposeAsync();
    }

    private void OnNotice(string payload)
    {
        // The driver hides an exception of this method, so what is not published is read.
        var wasBehind = mustRead;
        mustRead = true;
        if (EndNotice.TryParse(payload, out SessionEpoch raised))
        {
            epochs.Raise(raised);
            mustRead = wasBehind;
        }
        else if (EndNotice.TryParse(payload, out IReadOnlyList<SessionEnd> ended))
        {
            // The node's own ends are included. If the answer to their commit was lost, this is how it learns of the commit.
            ends.Publish(ended);
            mustRead = wasBehind;
        }
    }

    // The database reads its clock between request and answer, so the offset is wrong by half of that time at most.
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
