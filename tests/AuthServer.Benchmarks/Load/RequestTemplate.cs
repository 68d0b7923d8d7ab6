using System.Buffers.Text;
using System.Text;

namespace AuthServer.Benchmarks.Load;

/// <summary>A request that is fixed except for a token in its body or in one of its headers.</summary>
internal sealed class RequestTemplate
{
    private const string Placeholder = "{token}";

    private readonly byte[] head;
    private readonly byte[] beforeToken;
    private readonly byte[] afterToken;
    private readonly bool hasToken;
    private readonly bool hasHeader;
    private readonly bool hasBody;

    private RequestTemplate(string start, string body, string? contentType, string? header)
    {
        var text = new StringBuilder(start).Append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if (contentType is not null)
        {
            text.Append("Content-Type: ").Append(contentType).Append("\r\n");
        }

        hasHeader = header is not null;
        hasBody = contentType is not null;
        text.Append(header ?? (hasBody ? "Content-Length: " : "\r\n"));
        head = Encoding.ASCII.GetBytes(text.ToString());
        var parts = body.Split(Placeholder);
        hasToken = parts.Length == 2;
        beforeToken = Encoding.UTF8.GetBytes(parts[0]);
        afterToken = hasToken ? Encoding.UTF8.GetBytes(parts[1]) : [];
    }

    /// <summary>Creates a GET without a token.</summary>
    public static RequestTemplate Get(string path) => new($"GET {path}", "", contentType: null, header: null);

    /// <summary>Creates a GET with the token in its Authorization header.</summary>
    public static RequestTemplate GetAsBearer(string path) => new($"GET {path}", "", contentType: null, "Authorization: Bearer ");

    /// <summary>Creates a GET with the token as a cookie.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cookie">The name of the cookie, with the equals sign.</param>
    public static RequestTemplate GetByCookie(string path, string cookie) =>
        new($"GET {path}", "", contentType: null, "Cookie: " + cookie);

    /// <summary>Creates a question of a proxy about a request to an application, with the token as a cookie.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cookie">The name of the cookie, with the equals sign.</param>
    public static RequestTemplate GetForProxy(string path, string cookie) => new(
        $"GET {path}",
        "",
        contentType: null,
        "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: app.example.com\r\nX-Forwarded-Uri: /\r\n"
        + "X-Forwarded-For: 192.0.2.1\r\nCookie: " + cookie);

    /// <summary>Creates a POST of JSON from a page of the server. It has no token.</summary>
    public static RequestTemplate PostJsonFromPage(string path, string body) => new(
        $"POST {path}", body, "application/json\r\nSec-Fetch-Site: same-origin", header: null);

    /// <summary>Creates a POST of JSON. The token replaces <c>{token}</c> in the body.</summary>
    public static RequestTemplate PostJson(string path, string body) =>
        new($"POST {path}", body, "application/json", header: null);

    /// <summary>Creates a POST of a form. The token replaces <c>{token}</c> in the body.</summary>
    public static RequestTemplate PostForm(string path, string body) =>
        new($"POST {path}", body, "application/x-www-form-urlencoded", header: null);

    /// <summary>Writes the request with a token. Returns its length in bytes.</summary>
    public int Write(Span<byte> to, ReadOnlySpan<byte> token)
    {
        var at = Append(head, to, 0);
        if (hasHeader)
        {
            return Append("\r\n\r\n"u8, to, Append(token, to, at));
        }

        if (!hasBody)
        {
            return at;
        }

        var bodyLength = beforeToken.Length + (hasToken ? token.Length : 0) + afterToken.Length;
        Utf8Formatter.TryFormat(bodyLength, to[at..], out var digits);
        at = Append("\r\n\r\n"u8, to, at + digits);
        at = Append(beforeToken, to, at);
        at = hasToken ? Append(token, to, at) : at;
        return Append(afterToken, to, at);
    }

    private static int Append(ReadOnlySpan<byte> bytes, Span<byte> to, int at)
    {
        bytes.CopyTo(to[at..]);
        return at + bytes.Length;
    }
}
