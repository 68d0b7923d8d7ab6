using System.Buffers.Text;
using System.Text;

namespace AuthServer.Benchmarks.Load;

/// <summary>
/// Parses the subset of HTTP/1.1 that the measured servers use: a status, and a body with <c>Content-Length</c> or in chunks.
/// </summary>
internal static class ResponseParser
{
    /// <summary>Parses a response. False if more bytes must be received first.</summary>
    /// <param name="received">All bytes of the response received so far.</param>
    /// <param name="chunks">The buffer for the body of a chunked response.</param>
    /// <param name="response">The response.</param>
    /// <exception cref="InvalidDataException">The bytes are not a response, or its length is unknown.</exception>
    public static bool TryParse(ReadOnlyMemory<byte> received, byte[] chunks, out Response response)
    {
        response = default;
        var bytes = received.Span;
        var headEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var head = bytes[..headEnd];
        var status = StatusOf(head);
        var rest = received[(headEnd + 4)..];
        if (TryFindHeader(head, "content-length"u8, out var value))
        {
            var length = NumberOf(value, 'D');
            response = new Response(status, rest[..Math.Min(length, rest.Length)]) { Head = received[..headEnd] };
            return rest.Length >= length;
        }

        if (TryFindHeader(head, "transfer-encoding"u8, out _))
        {
            var isWhole = TryUnchunk(rest.Span, chunks, out var length);
            response = new Response(status, chunks.AsMemory(0, length)) { Head = received[..headEnd] };
            return isWhole;
        }

        response = new Response(status, default) { Head = received[..headEnd] };
        return status is 204 or 304
            ? true
            : throw new InvalidDataException($"Response of unknown length: {Encoding.ASCII.GetString(head)}");
    }

    private static int StatusOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("HTTP/1.1 "u8) && head.Length >= 12
            ? NumberOf(head[9..12], 'D')
            : throw new InvalidDataException($"Not an HTTP/1.1 response: {Encoding.ASCII.GetString(head)}");

    private static bool TryFindHeader(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var at = head.IndexOf("\r\n"u8); at >= 0;)
        {
            head = head[(at + 2)..];
            at = head.IndexOf("\r\n"u8);
            var line = at < 0 ? head : head[..at];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].Trim((byte)' ');
                return true;
            }
        }

        value = default;
        return false;
    }

    private static bool TryUnchunk(ReadOnlySpan<byte> from, Span<byte> to, out int length)
    {
        length = 0;
        for (var lineEnd = from.IndexOf("\r\n"u8); lineEnd >= 0; lineEnd = from.IndexOf("\r\n"u8))
        {
            var size = NumberOf(from[..lineEnd], 'X');
            var next = lineEnd + 2 + size + 2;
            if (from.Length < next)
            {
                return false;
            }

            if (size == 0)
            {
                return true;
            }

            from.Slice(lineEnd + 2, size).CopyTo(to[length..]);
            length += size;
            from = from[next..];
        }

        return false;
    }

    private static int NumberOf(ReadOnlySpan<byte> text, char format) =>
        Utf8Parser.TryParse(text, out int number, out var read, format) && read == text.Length && number >= 0
            ? number
            : throw new InvalidDataException($"Not a number: {Encoding.ASCII.GetString(text)}");
}
