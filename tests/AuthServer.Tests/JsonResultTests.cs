using System.Net.Http.Headers;
using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

public sealed class JsonResultTests
{
    [Fact]
    public async Task Answer_says_its_length_and_has_names_as_they_are_written()
    {
        await using var app = new AuthServerApp();
        var amelie = await app.SignInAsync("amélie");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", amelie.Pair.AccessToken);

        // The client would count for itself what it has read to the end.
        using var answer = await amelie.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var said = answer.Content.Headers.ContentLength;
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(body.Length, said);
        Assert.Contains("\"username\":\"amélie\"", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }
}
