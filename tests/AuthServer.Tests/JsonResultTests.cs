using System.Net.Http.Headers;
using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

public sealed class JsonResultTests
{
    [Fact]
    public async Task Answer_has_its_length_and_names_without_escapes()
    {
        await using var app = new AuthServerApp();
        var amelie = await app.LogInAsync("amélie");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", amelie.Pair.AccessToken);

        // After it has read the body the client would report the length that it counted.
        using var answer = await amelie.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var length = answer.Content.Headers.ContentLength;
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(body.Length, length);
        Assert.Contains("\"username\":\"amélie\"", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }
}
