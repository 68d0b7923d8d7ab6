using System.Text;

namespace AuthServer.Tests.Support;

/// <summary>Requests that well-behaved clients don't send, and assertions on their answers.</summary>
public static class HttpRequests
{
    /// <summary>Sends a request with an <c>Authorization</c> header exactly as given.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        this HttpClient http, HttpMethod method, string path, string? authorization = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (authorization is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization));
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A body of bytes, given as Latin-1, under any content type.</summary>
    public static ByteArrayContent Raw(string body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        return content;
    }

    /// <summary>Checks that an answer is <c>invalid_request</c> with messages for exactly these fields.</summary>
    public static async Task ShouldBeInvalidAsync(this HttpResponseMessage response, params string[] fields)
    {
        var errors = (await response.ShouldBeProblemAsync(400, "invalid_request")).GetProperty("errors");
        Assert.Equal(fields.Order(), errors.EnumerateObject().Select(field => field.Name).Order());
        Assert.All(errors.EnumerateObject(), field => Assert.NotEmpty(Assert.Single(field.Value.EnumerateArray()).GetString()!));
    }
}
