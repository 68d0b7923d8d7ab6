using System.Globalization;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>An answer as it came over a connection. Each character stands for one byte.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The header lines by name, in lower case.</param>
/// <param name="Body">The body; null if there is none.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string? Body)
{
    /// <summary>True if the server closes the connection after this answer.</summary>
    public bool IsLast => Headers.GetValueOrDefault("connection") == "close";

    /// <summary>The violation of the contract; null if there is none.</summary>
    public string? Violation =>
        Answers.IsOfKestrel(Status, Headers.GetValueOrDefault("content-type"), IsLast)
            ? null
            : Answers.ViolationOf(Status, Headers.GetValueOrDefault("content-type"), Body);

    /// <summary>Reads the answers of a connection.</summary>
    public static IReadOnlyList<RawAnswer> Read(string received)
    {
        // Kestrel answers the preface of HTTP/2 by a frame of HTTP/2 that refuses the protocol.
        var answers = new List<RawAnswer>();
        while (received.Length > 0 && received[0] != '\0')
        {
            var end = received.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            Assert.True(end > 0 && received.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), $"No answer: {received}");
            var lines = received[..end].Split("\r\n");
            var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
                .GroupBy(pair => pair[0].ToLowerInvariant(), pair => pair[1])
                .ToDictionary(header => header.Key, header => string.Join(", ", header));
            received = received[(end + 4)..];

            // The answer to a HEAD names the length of a body that it does not have.
            string? body = null;
            if (received.Length > 0 && !received.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
            {
                (body, received) = ReadBody(headers, received);
            }

            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status >= 200)
            {
                answers.Add(new RawAnswer(status, headers, body));
            }
        }

        return answers;
    }

    private static (string Body, string After) ReadBody(Dictionary<string, string> headers, string received)
    {
        if (headers.TryGetValue("content-length", out var length))
        {
            var end = Math.Min(int.Parse(length, CultureInfo.InvariantCulture), received.Length);
            return (received[..end], received[end..]);
        }

        if (!headers.ContainsKey("transfer-encoding"))
        {
            return (received, "");
        }

        var body = "";
        while (true)
        {
            var line = received.IndexOf("\r\n", StringComparison.Ordinal);
            var size = line < 0 ? 0 : int.Parse(received[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var next = line + 2 + size + 2;
            if (size == 0 || next > received.Length)
            {
                return (body, next > received.Length ? "" : received[next..]);
            }

            body += received.Substring(line + 2, size);
            received = received[next..];
        }
    }
}
