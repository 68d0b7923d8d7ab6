using System.Collections.Concurrent;
using System.Net;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A client that asks again where nobody answered, or nobody could; all other answers are its user's.</summary>
public sealed class PatientHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    // As any client does, which has no use for an answer of that very moment.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, int> refusals = [];

    /// <summary>How often it asked again, by what it was told.</summary>
    public IReadOnlyDictionary<string, int> Refusals => refusals;

    /// <summary>Whether to go on asking.</summary>
    public bool HasPatience { get; set; } = true;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                    || !HasPatience)
                {
                    return response;
                }

                Count($"{(int)response.StatusCode}{(response.Headers.RetryAfter is null ? "" : " with Retry-After")}");
                response.Dispose();
            }
            catch (HttpRequestException) when (HasPatience)
            {
                Count("no answer");
            }

            await Task.Delay(Rest, cancellationToken);
        }
    }

    private void Count(string refusal) => refusals.AddOrUpdate(refusal, 1, (_, count) => count + 1);
}
