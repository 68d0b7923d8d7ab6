using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AuthServer.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthServer.Bearer;

/// <summary>
/// Hears from the server which sessions end. While it does not, ended sessions are refused when their access tokens expire, and
/// the health check says so. Safe to share.
/// </summary>
internal sealed class EndedSessionListener : BackgroundService, IHealthCheck
{
    // The server beats every 5 seconds.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan MinRetryInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromSeconds(2);

    private readonly AuthorityClient authority;
    private readonly RemoteKeys keys;
    private readonly EndedSessionCache ended;
    private readonly TimeProvider clock;
    private readonly ILogger<EndedSessionListener> log;
    private readonly Meter meter;
    private TimeSpan interval = MinRetryInterval;
    private bool hasFailed;
    private volatile bool isListening;

    public EndedSessionListener(
        AuthorityClient authority,
        RemoteKeys keys,
        EndedSessionCache ended,
        IMeterFactory meters,
        TimeProvider clock,
        ILogger<EndedSessionListener> log)
    {
        (this.authority, this.keys, this.ended, this.clock, this.log) = (authority, keys, ended, clock, log);
        meter = meters.Create("AuthServer.Bearer");
        meter.CreateObservableGauge(
            "authserver.feed.listening", () => isListening ? 1 : 0, unit: null,
            "1 if the program hears which sessions end, else 0.");
    }

    /// <summary>True if it hears of ends as they happen.</summary>
    public bool IsListening => isListening;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(isListening
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("It does not hear of ended sessions, and accepts their tokens until they expire."));

    public override void Dispose()
    {
        base.Dispose();
        meter.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryListenAsync(stoppingToken);
                await Task.Delay(interval, clock, stoppingToken);
                interval = interval * 2 < MaxRetryInterval ? interval * 2 : MaxRetryInterval;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The program stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task TryListenAsync(CancellationToken ct)
    {
        try
        {
            using var feed = await authority.OpenFeedAsync(ct);
            await ListenAsync(feed, ct);
            throw new IOException("The server has closed the feed.");
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            if (!hasFailed)
            {
                log.FeedLost(exception, authority.Address);
            }

            hasFailed = true;
        }
        finally
        {
            isListening = false;
        }
    }

    private async Task ListenAsync(HttpResponseMessage feed, CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, silence.Token);
        await using var stream = await feed.Content.ReadAsStreamAsync(either.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(either.Token))
        {
            silence.CancelAfter(Silence);
            switch (item.EventType)
            {
                case "ended":
                    ended.OnEnded([EndOf(item.Data)]);
                    break;
                case "keys":
                    keys.FetchSoon();
                    break;
                case "beat" when !isListening:
                    // The ends before it are those that had just happened. A change of keys may have been missed.
                    isListening = true;
                    keys.FetchSoon();
                    break;
                case "beat":
                    OnLaterBeat();
                    break;
            }
        }
    }

    // A connection that breaks after its first beat is not made again at once.
    private void OnLaterBeat()
    {
        if (hasFailed)
        {
            log.FeedHeard(authority.Address);
        }

        (interval, hasFailed) = (MinRetryInterval, false);
        ended.OnEnded([]);
    }

    private static SessionEnd EndOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var end = document.RootElement;
        var reason = end.GetProperty("reason").GetString()!.Replace("_", "", StringComparison.Ordinal);
        return new SessionEnd(
            end.GetProperty("sid").GetGuid(),
            Enum.TryParse<EndReason>(reason, ignoreCase: true, out var known) ? known : EndReason.Revoked,
            DateTimeOffset.Parse(end.GetProperty("endedAt").GetString()!, CultureInfo.InvariantCulture));
    }
}
