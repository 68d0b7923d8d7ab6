using System.Text;

namespace AuthServer.Benchmarks.Load;

/// <summary>An HTTP response. Head and body are memory of the connection and are valid until its next exchange.</summary>
internal readonly record struct Response(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>The status line and the headers.</summary>
    public ReadOnlyMemory<byte> Head { get; init; }

    /// <summary>True if the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Returns the string value of a member of the JSON body; empty if the body has no such member.</summary>
    /// <param name="name">The name of the member, quotes included, such as <c>"refreshToken"</c>.</param>
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

    /// <summary>Returns the value of a cookie that the response sets; empty if it sets none of that name.</summary>
    /// <param name="name">The name of the cookie, with the equals sign.</param>
    public ReadOnlySpan<byte> FindCookie(ReadOnlySpan<byte> name)
    {
        var at = Head.Span.IndexOf(name);
        var text = at < 0 ? default : Head.Span[(at + name.Length)..];
        return text[..Math.Max(0, text.IndexOf((byte)';'))];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, 1000)])}";
}
