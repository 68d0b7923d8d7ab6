using System.Net;
using System.Net.Http.Json;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Bodies that are sent a second time, and bodies that are not.</summary>
public sealed class ReplayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<HttpContent>> Replayable => new()
    {
        { "text", () => new StringContent("body") },
        { "json", () => JsonContent.Create(new { a = "body" }) },
        { "form", () => new FormUrlEncodedContent([new("a", "body")]) },
        { "memory", () => new ReadOnlyMemoryContent("body"u8.ToArray()) },
        { "seekable", () => new StreamContent(new MemoryStream("..body"u8.ToArray()) { Position = 2 }) },
        {
            "parts",
            () => new MultipartContent { new StringContent("body"), new StreamContent(new MemoryStream("b"u8.ToArray())) }
        },
    };

    [Theory]
    [MemberData(nameof(Replayable))]
    public async Task Body_is_repeated_with_its_request(string kind, Func<HttpContent> body)
    {
        using var server = new StubServer { OnCall = call => StubServer.RefuseFirst(call, StubServer.Expired()) };
        await using var device = await server.LogInAsync();
        using var answer = await device.Api.PostAsync(new Uri(kind, UriKind.Relative), body(), Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("body", server.Calls.First().Body, StringComparison.Ordinal);
        Assert.Single(server.Calls.Select(call => call.Body).Distinct());
        Assert.Equal(2, server.Calls.Count());
    }

    public static TheoryData<string, Func<HttpContent>> Once => new()
    {
        { "stream", () => new StreamContent(new OneWayStream()) },
        { "part", () => new MultipartContent { new StreamContent(new OneWayStream()) } },
        { "own", () => new OwnContent(times: 1) },
    };

    [Theory]
    [MemberData(nameof(Once))]
    public async Task Body_that_can_be_sent_once_is_not_repeated(
        string kind, Func<HttpContent> body)
    {
        using var server = new StubServer { OnCall = call => StubServer.RefuseFirst(call, StubServer.Expired()) };
        await using var device = await server.LogInAsync();
        using var answer = await device.Api.PostAsync(new Uri(kind, UriKind.Relative), body(), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("old", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Single(server.Calls);
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Single(server.Refreshes);
    }

    [Theory]
    [InlineData("1.1", 2)]
    [InlineData("2.0", 1)]
    public async Task Body_of_unknown_kind_is_repeated_before_http_2_only(string version, int calls)
    {
        using var server = new StubServer();
        server.OnCall = async call =>
        {
            var answer = await StubServer.RefuseFirst(call, StubServer.Expired());
            answer.Version = new Version(version);
            return answer;
        };
        await using var device = await server.LogInAsync();
        using var answer = await device.Api.PostAsync(new Uri("things", UriKind.Relative), new OwnContent(times: 2), Ct);
        Assert.Equal(calls, server.Calls.Count());
        Assert.All(server.Calls, call => Assert.Equal("body", call.Body));
    }

    private sealed class OneWayStream() : MemoryStream("body"u8.ToArray())
    {
        public override bool CanSeek => false;
    }

    private sealed class OwnContent(int times) : HttpContent
    {
        private int sent;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            ++sent > times ? throw new InvalidOperationException("spent") : stream.WriteAsync("body"u8.ToArray()).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
