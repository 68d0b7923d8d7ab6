using System.Text;

namespace AuthServer.Benchmarks.Load;

/// <summary>What a server answered. The body is the connection's own memory: it holds until the next exchange.</summary>
internal readonly record struct Answer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status is a 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The text of a member of a JSON body, such as that of <c>"refreshToken"</c>; empty where it has none.</summary>
    /// <param name="name">The name in its quotes.</param>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        var at = Body.Span.IndexOf(name);
        if (at < 0)
        {
            return default;
        }

        var text = Body.Span[(at + name.Length)..];
        text = text[(text.IndexOf((byte)'"') + 1)..];
        return text[..Math.Max(0, text.IndexOf((byte)'"'))];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, 1000)])}";
}
