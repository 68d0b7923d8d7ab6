using System.Text;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Makes requests that are broken as HTTP, for one connection. Each character stands for one byte.</summary>
internal sealed class RawFuzzer(Random random)
{
    private const string Json = "{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}";

    private static readonly string[] Lines =
    [
        "GET /me HTTP/1.1", "GET /me HTTP/1.0", "GET /me HTTP/0.9", "GET /me", "GET /me HTTP/2.0", "GET /me HTTP/1.1 ",
        "GET  /me HTTP/1.1", " GET /me HTTP/1.1", "GET\t/me\tHTTP/1.1", "GET /me HTTP/9.9", "GET /me http/1.1", "GET /me HTTP/1.",
        "get /me HTTP/1.1", "G\0T /me HTTP/1.1", "GET /m\0e HTTP/1.1", "GET /me%00 HTTP/1.1", "GET /m e HTTP/1.1", "GET",
        "", "\0\0\0\0", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1", "GET * HTTP/1.1",
        "GET http://localhost/me HTTP/1.1", "GET http://evil.example/me HTTP/1.1", "GET https://localhost:99999/me HTTP/1.1",
        "GET http:///me HTTP/1.1", "GET //evil.example/me HTTP/1.1", "GET ftp://localhost/me HTTP/1.1", "GET \\me HTTP/1.1",
        "CONNECT localhost:443 HTTP/1.1", "CONNECT /me HTTP/1.1", "GET /../../me HTTP/1.1", "GET /%2e%2e/me HTTP/1.1",
        "GET /me?\xff\xfe HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET /me#x HTTP/1.1", "GET ?x HTTP/1.1", "GET me HTTP/1.1",
    ];

    private static readonly string[] ValidLines =
    [
        "POST /login HTTP/1.1", "POST /refresh HTTP/1.1", "POST /logout HTTP/1.1", "POST /register HTTP/1.1", "HEAD /me HTTP/1.1",
        "POST /login?transport=cookie HTTP/1.1", "DELETE /sessions/%ff HTTP/1.1", "TRACE / HTTP/1.1", "GET / HTTP/1.1",
        "GET /docs HTTP/1.1", "GET /openapi/v1.json HTTP/1.1", "GET /metrics HTTP/1.1", "GET /health/ready HTTP/1.1",
    ];

    private static readonly string[] Headers =
    [
        "Host: localhost", "Host: ", "Host: a b", "Host: [::1", "Host: xn--a", "Host: \xe9", "Host: localhost:99999",
        "host:localhost", "Host: localhost\r\nHost: evil.example", "Host : localhost", "Content-Length: 5", "Content-Length: -1",
        "Content-Length: 99999999999999999999", "Content-Length: 0x10", "Content-Length: 5, 5", "Content-Length: +5",
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length : 5", "Content-Length: ", "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding:\tchunked", "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: \"chunked\"", "TE: trailers",
        "X: a\r\n b", "X: a\r\n\tb", " X: a", "X", ": a", "X: \0", "X: a\rb", "X: a\nb", "X\0: a", "X(: a", "\xe9: a",
        "X: \xff\xfe", "Connection: close", "Connection: keep-alive", "Connection: upgrade\r\nUpgrade: websocket",
        "Connection: X, Host", "Upgrade: h2c", "Expect: 100-continue", "Expect: something", "Content-Type: application/json",
        "Content-Type: application/json; charset=utf-7", "Authorization: Bearer \xff", "Authorization: \0",
        "Cookie: \xff=\xfe;;;=", "Cookie: __Host-refresh=\"", "Origin: null", "Origin: http://localhost",
        "Accept-Encoding: gzip, br;q=\xff", "traceparent: \xff", "X-Forwarded-For: \xff",
    ];

    private static readonly string[] Bodies =
    [
        "", "hello", Json, "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;ext=\"a\"\r\nhello\r\n0\r\n\r\n",
        "5;\r\nhello\r\n0\r\nX: a\r\n\r\n", "-1\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "5\r\nhelloo\r\n0\r\n\r\n",
        "05\nhello\n0\n\n", "x\r\n", "5\r\nhel", "0\r\n", "0\r\nContent-Length: 5\r\n\r\n", "1\r\na\r\n1\r\nb\r\n",
        "7FFFFFFF\r\n" + Json, "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
        "\0\0\0\0\0", "\xff\xfe\xfd", "\r\n\r\n\r\n",
    ];

    /// <summary>Makes the bytes of a connection: one to three requests, the last perhaps cut off.</summary>
    public string Next()
    {
        var sent = new StringBuilder();
        for (var requests = random.Next(5) == 0 ? 3 : 1; requests > 0; requests--)
        {
            Append(sent);
        }

        var text = sent.ToString();
        return random.Next(8) switch
        {
            0 => text[..random.Next(text.Length + 1)],
            1 => Flip(text),
            2 => text.Replace("\r\n", "\n", StringComparison.Ordinal),
            _ => text,
        };
    }

    private void Append(StringBuilder sent)
    {
        var lines = random.Next(3) == 0 ? Lines : ValidLines;
        sent.Append(lines[random.Next(lines.Length)]).Append("\r\n");
        if (random.Next(12) != 0)
        {
            sent.Append("Host: localhost\r\n");
        }

        for (var headers = random.Next(4) / 2; headers > 0; headers--)
        {
            sent.Append(Headers[random.Next(Headers.Length)]).Append("\r\n");
        }

        switch (random.Next(60))
        {
            case 0:
                sent.Append("X-Long: ").Append('a', 40_000).Append("\r\n");
                break;
            case 1:
                sent.Insert(0, "\r\n\r\n");
                break;
            case 2:
                for (var header = 0; header < 150; header++)
                {
                    sent.Append("X-").Append(header).Append(": a\r\n");
                }

                break;
            default:
                break;
        }

        var body = Bodies[random.Next(Bodies.Length)];
        if (random.Next(2) == 0)
        {
            sent.Append("Content-Type: application/json\r\nContent-Length: ").Append(body.Length).Append("\r\n");
        }

        sent.Append("\r\n").Append(body);
    }

    private string Flip(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var at = random.Next(text.Length);
        return text[..at] + (char)random.Next(256) + text[(at + 1)..];
    }
}
