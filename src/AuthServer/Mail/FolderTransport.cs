using System.Globalization;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.Extensions.Options;
using MimeKit;

namespace AuthServer.Mail;

/// <summary>Writes mails as files, so that a developer reads them without a mail server.</summary>
internal sealed class FolderTransport(
    IOptions<DataOptions> data, IHostEnvironment host, ILogger<FolderTransport> log) : IMailTransport
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    private readonly string folder = Path.Combine(host.ContentRootPath, data.Value.Directory, "outbox");
    private bool isAnnounced;

    /// <inheritdoc/>
    public async Task SendAsync(Guid id, MimeMessage message, CancellationToken ct)
    {
        // In the order of time. Another attempt at the same mail replaces the first.
        var moment = message.Date.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var path = Path.Combine(folder, $"{moment}-{id}.eml");
        var temporary = path + ".tmp";
        try
        {
            OwnerOnlyFile.CreateDirectory(folder);
            await using (var file = OwnerOnlyFile.Open(temporary, FileShare.None))
            {
                file.SetLength(0);
                await message.WriteToAsync(file, ct);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MailException("the folder outbox can't be written to", exception) { IsOfTransport = true };
        }

        if (!isAnnounced)
        {
            isAnnounced = true;
            log.MailsInFolder(folder);
        }
    }

    /// <summary>Removes mails that are older than a week.</summary>
    public Task ReleaseAsync(CancellationToken ct)
    {
        if (!isAnnounced)
        {
            return Task.CompletedTask;
        }

        try
        {
            var before = DateTime.UtcNow - Retention;
            foreach (var path in Directory.EnumerateFiles(folder, "*.eml").Where(path => File.GetLastWriteTimeUtc(path) < before))
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next time.
        }

        return Task.CompletedTask;
    }
}
