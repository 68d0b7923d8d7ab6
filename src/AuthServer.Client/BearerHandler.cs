using System.Net.Http.Headers;

namespace AuthServer.Client;

/// <summary>Puts one access token on a request, and refreshes none.</summary>
internal sealed class BearerHandler(AccessToken token) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The response refers to the request, and any handler may log it.
            request.Headers.Authorization = null;
        }
    }
}
