using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Mail;

/// <summary>
/// Sends the mails of the outbox, with growing pauses between attempts. A node that stops while it sends leaves the mail to the
/// next one, so that a mail is sent once, or at worst twice.
/// </summary>
internal sealed class MailSender(
    MailStore mails,
    MailSignal signal,
    MailComposer composer,
    IMailTransport transport,
    AuthMeter meter,
    TimeProvider clock,
    ILogger<MailSender> log) : BackgroundService
{
    /// <summary>Time after which another node may send a mail that one has claimed.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>Longest time between two checks of the outbox: other nodes may have left mails.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    // Shorter than the lease, by real time: an attempt ends before another node begins one.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(1);

    private bool hasFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Mails from before the start wait, so that they do not delay it.
        var written = signal.Next;
        var pause = LongestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            await written.WaitAsync(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            written = signal.Next;
            pause = await TrySendAsync(stoppingToken);
        }
    }

    // Returns the time until the next check.
    private async Task<TimeSpan> TrySendAsync(CancellationToken ct)
    {
        try
        {
            var pause = await SendDueAsync(ct);
            await transport.ReleaseAsync(ct);
            hasFailed = false;
            return pause;
        }
#pragma warning disable CA1031 // After any failure the sender tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!ct.IsCancellationRequested && !hasFailed)
            {
                hasFailed = true;
                log.MailsFailed(exception);
            }

            return LongestPause;
        }
    }

    private async Task<TimeSpan> SendDueAsync(CancellationToken ct)
    {
        while (await mails.NextDueAsync(ct) is { } due)
        {
            var wait = due - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                return wait < LongestPause ? wait : LongestPause;
            }

            if (await mails.ClaimAsync(Lease, ct) is { } claimed && !await SendAsync(claimed, ct))
            {
                break;
            }
        }

        return LongestPause;
    }

    // False if other mails would fail too for now.
    private async Task<bool> SendAsync(ClaimedMail claimed, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(AttemptTimeout);
        try
        {
            using var message = composer.Compose(claimed);
            await transport.SendAsync(claimed.Mail.Id, message, timeout.Token);
        }
#pragma warning disable CA1031 // A mail that can't be made, by a text of the operator's for example, must not stop the others.
        catch (Exception exception) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var failure = exception as MailException
                ?? new MailException($"the mail could not be made ({exception.GetType().Name})", exception);
            await FailAsync(claimed.Mail, failure);
            return !failure.IsOfTransport;
        }

        // Not cancelled: a mail that was taken and is not recorded is sent again.
        await mails.CompleteAsync(claimed.Mail, CancellationToken.None);
        meter.MailHandled(claimed.Mail.Kind, "sent");
        return true;
    }

    private async Task FailAsync(MailRow mail, MailException failure)
    {
        var next = clock.GetUtcNow() + RetryAfter(mail.Attempts);
        var isOver = failure.IsPermanent || next - mail.CreatedAt > MailKinds.GivenUpAfter(mail.Kind);
        log.MailNotSent(mail.Id, MailKinds.NameOf(mail.Kind), failure.Message, isOver ? "failed" : "tried again later");
        await mails.FailAsync(mail, failure.Message, isOver ? null : next, CancellationToken.None);
        meter.MailHandled(mail.Kind, isOver ? "failed" : "retried");
    }

    private static TimeSpan RetryAfter(int attempts)
    {
        var pause = FirstRetry * Math.Pow(2, Math.Min(attempts, 20) - 1);
        return pause < LongestRetry ? pause : LongestRetry;
    }
}
