using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Tokens;

/// <summary>
/// Rotates access keys when it is time, reads them every minute, notes which root key creates, and seals under it.
/// </summary>
internal sealed class AccessKeyRotation(
    AccessKeyService access,
    RootKeyService roots,
    FactorSealing factors,
    ServerKeys keys,
    TimeProvider clock,
    ILogger<AccessKeyRotation> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryRotateAsync(stoppingToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The server stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task TryRotateAsync(CancellationToken ct)
    {
        try
        {
            await access.RotateIfDueAsync(ct);
            await roots.NoteAsync(ct);
            await factors.RenewAsync(keys.Root, ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            log.KeysNotRotated(exception);
        }
    }
}
