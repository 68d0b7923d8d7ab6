using System.Collections.Concurrent;
using System.Net;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Retries requests that got no response, or a response with status 502, 503 or 504.</summary>
public sealed class RetryingHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, int> retries = [];

    /// <summary>Number of retries by their cause.</summary>
    public IReadOnlyDictionary<string, int> Retries => retries;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode is not
                    (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
                {
                    return response;
                }

                Count($"{(int)response.StatusCode}{(response.Headers.RetryAfter is null ? "" : " with Retry-After")}");
                response.Dispose();
            }
            catch (HttpRequestException)
            {
                Count("no response");
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private void Count(string cause) => retries.AddOrUpdate(cause, 1, (_, count) => count + 1);
}
