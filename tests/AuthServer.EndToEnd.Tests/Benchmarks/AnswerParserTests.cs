using System.Text;
using AuthServer.Benchmarks.Load;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

public sealed class AnswerParserTests
{
    private const string WithLength = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 11\r\n\r\nhello world";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";

    private readonly byte[] chunks = new byte[64];

    [Theory]
    [InlineData(WithLength)]
    [InlineData(Chunked)]
    public void Answer_that_comes_byte_by_byte_is_read_once_it_is_whole(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var received = 0; received < bytes.Length; received++)
        {
            Assert.False(AnswerParser.TryParse(bytes.AsMemory(0, received), chunks, out _), $"whole after {received} bytes");
        }

        Assert.True(AnswerParser.TryParse(bytes, chunks, out var answer));
        Assert.Equal("200 hello world", answer.ToString());
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", "204 ")]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "401 ")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Content-Length: 9\r\nContent-Length:2\r\n\r\nok", "200 ok")]
    public void Status_and_body_are_those_of_the_answer(string text, string expected)
    {
        Assert.True(AnswerParser.TryParse(Encoding.ASCII.GetBytes(text), chunks, out var answer));
        Assert.Equal(expected, answer.ToString());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public void What_is_no_answer_is_said_to_be_none(string text) =>
        Assert.Throws<InvalidDataException>(() => AnswerParser.TryParse(Encoding.ASCII.GetBytes(text), chunks, out _));

    [Theory]
    [InlineData("""{"accessToken":"a.b.c","refreshToken":"r"}""", "a.b.c")]
    [InlineData("""{ "accessToken" : "a" }""", "a")]
    [InlineData("""{"token":"a"}""", "")]
    public void Token_is_found_by_its_member(string body, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(new Answer(200, Encoding.UTF8.GetBytes(body)).Find("\"accessToken\""u8)));
}
