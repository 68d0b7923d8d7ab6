using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>On Kestrel, for a test server has no limit of its own.</summary>
public sealed class BodySizeTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const int Largest = 16 * 1024;

    // Kestrel counts the frames of the chunks among the body.
    private const int Frames = 64;

    public static MatrixTheoryData<string, bool> Requests => new(["/register", "/login", "/refresh", "/logout"], [false, true]);

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Body_over_16_KiB_is_too_large(string path, bool chunked)
    {
        using var answer = await PostAsync(path, Largest + 1, chunked);
        await answer.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.True(answer.Headers.ConnectionClose);

        using var next = await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        await next.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Body_over_16_KiB_is_too_large_where_nobody_would_read_it_too()
    {
        using var answer = await PostAsync("/logout/all", Largest + 1, chunked: false);
        await answer.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Body_of_16_KiB_is_read_like_a_short_one(string path, bool chunked)
    {
        using var longest = await PostAsync(path, chunked ? Largest - Frames : Largest, chunked);
        using var shortest = await PostAsync(path, 2, chunked);
        Assert.Equal(shortest.StatusCode, longest.StatusCode);
        Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, longest.StatusCode);
    }

    // An empty object and white space after it, which JSON allows.
    private async Task<HttpResponseMessage> PostAsync(string path, int length, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes("{}".PadRight(length)))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
            Headers = { TransferEncodingChunked = chunked },
        };
        return await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
