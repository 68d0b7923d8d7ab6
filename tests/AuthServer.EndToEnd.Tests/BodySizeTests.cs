using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Limits of request bodies, tested on Kestrel because the framework's test server has none.</summary>
public sealed class BodySizeTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const int Largest = 16 * 1024;

    // Kestrel counts the framing of chunks as part of the body.
    private const int Frames = 64;

    public static MatrixTheoryData<string, bool> Requests => new(["/register", "/login", "/refresh", "/logout"], [false, true]);

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Body_over_16_KiB_is_too_large(string path, bool chunked)
    {
        using var response = await PostAsync(path, Largest + 1, chunked);
        await response.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.True(response.Headers.ConnectionClose);

        using var next = await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        await next.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Body_over_16_KiB_is_too_large_for_route_without_body()
    {
        using var response = await PostAsync("/logout/all", Largest + 1, chunked: false);
        await response.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Body_of_16_KiB_is_accepted(string path, bool chunked)
    {
        using var longest = await PostAsync(path, chunked ? Largest - Frames : Largest, chunked);
        using var shortest = await PostAsync(path, 2, chunked);
        Assert.Equal(shortest.StatusCode, longest.StatusCode);
        Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, longest.StatusCode);
    }

    // The body is an empty object, padded with white space.
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
