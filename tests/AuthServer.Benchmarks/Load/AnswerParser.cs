using System.Buffers.Text;
using System.Text;

namespace AuthServer.Benchmarks.Load;

/// <summary>Reads the little of HTTP/1.1 that servers answer with: a status, and a body with a length or in chunks.</summary>
internal static class AnswerParser
{
    /// <summary>Reads an answer once all of it is there; until then, call again with more.</summary>
    /// <param name="received">Everything received so far.</param>
    /// <param name="chunks">Where the body of a chunked answer is put together.</param>
    /// <param name="answer">The answer.</param>
    /// <exception cref="InvalidDataException">This is no answer, or one of more than one kind.</exception>
    public static bool TryParse(ReadOnlyMemory<byte> received, byte[] chunks, out Answer answer)
    {
        answer = default;
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
            answer = new Answer(status, rest[..Math.Min(length, rest.Length)]);
            return rest.Length >= length;
        }

        if (TryFindHeader(head, "transfer-encoding"u8, out _))
        {
            var isWhole = TryUnchunk(rest.Span, chunks, out var length);
            answer = new Answer(status, chunks.AsMemory(0, length));
            return isWhole;
        }

        answer = new Answer(status, default);
        return status is 204 or 304 ? true : throw new InvalidDataException($"An answer of unknown length: {Encoding.ASCII.GetString(head)}");
    }

    private static int StatusOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("HTTP/1.1 "u8) && head.Length >= 12
            ? NumberOf(head[9..12], 'D')
            : throw new InvalidDataException($"This is no answer: {Encoding.ASCII.GetString(head)}");

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
            : throw new InvalidDataException($"This is no number: {Encoding.ASCII.GetString(text)}");
}
