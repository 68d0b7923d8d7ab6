using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AuthServer.Client.Tests.Support;

/// <summary>A request as it arrived.</summary>
public sealed record Call(string Method, Uri Address, string? Authorization, string Body)
{
    public string Path => Address.AbsolutePath;
}

/// <summary>
/// A server that answers as a test sets it, in place of the network. By default a login gets the tokens <c>a0</c> and <c>r0</c>,
/// the first refresh <c>a1</c> and <c>r1</c> and so on, and any other request 200.
/// </summary>
public sealed class StubServer : HttpMessageHandler
{
    public static readonly Uri Address = new("https://auth.example.com");
    public static readonly Guid Session = new("11111111-1111-1111-1111-111111111111");

    private readonly ConcurrentQueue<Call> calls = [];
    private int refreshes;

    /// <summary>Answers the refresh of a number, counted from 1.</summary>
    public Func<int, CancellationToken, Task<HttpResponseMessage>> OnRefresh { get; set; } = (n, _) => Task.FromResult(Pair(n));

    public Func<Call, Task<HttpResponseMessage>> OnLogin { get; set; } = _ => Task.FromResult(Pair(0));

    /// <summary>Answers requests that are neither a login nor a refresh.</summary>
    public Func<Call, Task<HttpResponseMessage>> OnCall { get; set; } = _ => Task.FromResult(Ok());

    public IEnumerable<Call> Refreshes => calls.Where(call => call.Path == "/refresh");

    /// <summary>The refresh tokens that were presented, oldest first.</summary>
    public IEnumerable<string> Presented =>
        Refreshes.Select(call => JsonDocument.Parse(call.Body).RootElement.GetProperty("refreshToken").GetString()!);

    /// <summary>The calls that are neither a login nor a refresh.</summary>
    public IEnumerable<Call> Calls => calls.Where(call => call.Path is not ("/refresh" or "/login"));

    public static HttpResponseMessage Ok(string text = "ok") => new(HttpStatusCode.OK) { Content = new StringContent(text) };

    /// <summary>A token pair whose access token lives 20 seconds.</summary>
    public static HttpResponseMessage Pair(int n, Guid? session = null) => Json(HttpStatusCode.OK, "application/json", new
    {
        tokenType = "Bearer",
        accessToken = $"a{n}",
        expiresIn = 20,
        refreshToken = $"r{n}",
        refreshExpiresIn = 1209600,
        sessionId = session ?? Session,
    });

    public static HttpResponseMessage Problem(
        int status, string code, string? reason = null, string? outcome = null, string[]? methods = null) => Json(
            (HttpStatusCode)status,
            "application/problem+json",
            new { code, detail = "The explanation.", traceId = "trace", reason, outcome, methods });

    public static HttpResponseMessage Page(int status) => new((HttpStatusCode)status)
    {
        Content = new StringContent("<html>Welcome to our wireless network</html>", Encoding.UTF8, "text/html"),
    };

    /// <summary>The refusal of an expired access token, by the challenge alone.</summary>
    public static HttpResponseMessage Expired(string description = "expired")
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("old") };
        answer.Headers.WwwAuthenticate.ParseAdd($"Bearer error=\"invalid_token\", error_description=\"{description}\"");
        return answer;
    }

    /// <summary>A refusal of the first token, and 200 for any other.</summary>
    public static Task<HttpResponseMessage> RefuseFirst(Call call, HttpResponseMessage refusal) =>
        Task.FromResult(call.Authorization == "Bearer a0" ? refusal : Ok());

    public static async Task<HttpResponseMessage> NeverAsync(CancellationToken ct)
    {
        await Task.Delay(Timeout.Infinite, ct);
        throw new InvalidOperationException();
    }

    /// <summary>A device of this server, logged in.</summary>
    public async Task<Device> LogInAsync(Action<DeviceSettings>? setUp = null)
    {
        var device = new Device(Address, setup =>
        {
            setup.Primary = this;
            setUp?.Invoke(setup);
        });
        await device.LoginAsync();
        return device;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Reads the body as the network does: a body that can't be sent twice fails here.
        var body = new MemoryStream();
        await (request.Content?.CopyToAsync(body, cancellationToken) ?? Task.CompletedTask);
        var call = new Call(
            request.Method.Method,
            request.RequestUri!,
            request.Headers.Authorization?.ToString(),
            Encoding.UTF8.GetString(body.ToArray()));
        calls.Enqueue(call);
        var answer = await (call.Path switch
        {
            "/login" => OnLogin(call),
            "/refresh" => OnRefresh(Interlocked.Increment(ref refreshes), cancellationToken),
            _ => OnCall(call),
        });
        answer.RequestMessage = request;
        return answer;
    }

    private static HttpResponseMessage Json(HttpStatusCode status, string type, object body) => new(status)
    {
        Content = new StringContent(JsonSerializer.Serialize(body), new MediaTypeHeaderValue(type)),
    };
}
