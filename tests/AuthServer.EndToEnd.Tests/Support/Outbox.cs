using System.Text.RegularExpressions;
using AuthServer.Tests.Support;
using MimeKit;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The mails that a server has sent to a folder.</summary>
public static partial class Outbox
{
    /// <summary>Waits for the mails to an address, and returns the token in the link of the newest.</summary>
    /// <param name="data">The data of the server.</param>
    /// <param name="address">The address.</param>
    /// <param name="number">The number of mails with a link that the address has got by then.</param>
    public static async Task<string> LinkAsync(DataFolder data, string address, int number = 1)
    {
        var outbox = Path.Combine(data.Data, "outbox");
        List<string> found = [];
        await Eventually.BecomesAsync(() => Directory.Exists(outbox) && (found =
        [
            .. Directory.GetFiles(outbox, "*.eml").Order()
                .Select(file => MimeMessage.Load(file, TestContext.Current.CancellationToken))
                .Where(mail => mail.To.Mailboxes.Single().Address == address)
                .Select(mail => Link().Match(mail.TextBody!).Groups[1].Value)
                .Where(value => value.Length > 0),
        ]).Count >= number);
        return found[^1];
    }

    [GeneratedRegex("#link=([A-Za-z0-9_-]+)")]
    private static partial Regex Link();
}
