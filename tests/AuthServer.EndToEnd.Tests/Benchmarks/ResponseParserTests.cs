using System.Text;
using AuthServer.Benchmarks.Load;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

public sealed class ResponseParserTests
{
    private const string WithLength = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 11\r\n\r\nhello world";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";

    private readonly byte[] chunks = new byte[64];

    [Theory]
    [InlineData(WithLength)]
    [InlineData(Chunked)]
    public void Response_in_single_bytes_is_parsed_once_complete(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var received = 0; received < bytes.Length; received++)
        {
            Assert.False(ResponseParser.TryParse(bytes.AsMemory(0, received), chunks, out _), $"complete after {received} bytes");
        }

        Assert.True(ResponseParser.TryParse(bytes, chunks, out var response));
        Assert.Equal("200 hello world", response.ToString());
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", "204 ")]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "401 ")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Content-Length: 9\r\nContent-Length:2\r\n\r\nok", "200 ok")]
    public void Status_and_body_are_parsed(string text, string expected)
    {
        Assert.True(ResponseParser.TryParse(Encoding.ASCII.GetBytes(text), chunks, out var response));
        Assert.Equal(expected, response.ToString());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public void Invalid_response_throws(string text) =>
        Assert.Throws<InvalidDataException>(() => ResponseParser.TryParse(Encoding.ASCII.GetBytes(text), chunks, out _));

    [Theory]
    [InlineData("""{"accessToken":"a.b.c","refreshToken":"r"}""", "a.b.c")]
    [InlineData("""{ "accessToken" : "a" }""", "a")]
    [InlineData("""{"token":"a"}""", "")]
    public void Token_is_found_by_member_name(string body, string expected)
    {
        var response = new Response(200, Encoding.UTF8.GetBytes(body));
        Assert.Equal(expected, Encoding.ASCII.GetString(response.Find("\"accessToken\""u8)));
    }
}
