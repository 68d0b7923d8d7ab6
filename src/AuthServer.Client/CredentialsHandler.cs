using System.Net.Http.Headers;

namespace AuthServer.Client;

/// <summary>
/// Puts an access token and a device token on a request, and takes the device token of the answer. Refreshes none.
/// </summary>
/// <param name="accessToken">The access token; null for none.</param>
/// <param name="deviceToken">The device token; null for none.</param>
internal sealed class CredentialsHandler(AccessToken? accessToken, string? deviceToken) : DelegatingHandler
{
    private const string DeviceHeader = "X-Device-Token";

    /// <summary>The device token of the answer; null for none.</summary>
    public string? Received { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken.Value);
        if (deviceToken is not null)
        {
            request.Headers.TryAddWithoutValidation(DeviceHeader, deviceToken);
        }

        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            Received = response.Headers.TryGetValues(DeviceHeader, out var values) ? string.Concat(values) : null;
            response.Headers.Remove(DeviceHeader);
            return response;
        }
        finally
        {
            // The response refers to the request, and any handler may log it.
            request.Headers.Authorization = null;
            request.Headers.Remove(DeviceHeader);
        }
    }
}
