using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>
/// Sends requests of one device as the contract's rules for retries say, with shorter pauses. Keeps the device token. Not
/// thread-safe.
/// </summary>
/// <param name="http">The client of the server.</param>
/// <param name="ledger">The ledger.</param>
internal sealed class Sender(HttpClient http, Ledger ledger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // Longer than a fault lasts, and than the server needs to recover from it on a slow machine.
    private static readonly TimeSpan LongestOutage = TimeSpan.FromMinutes(3);

    private const string DeviceHeader = "X-Device-Token";

    private string? deviceToken;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Sends a request once. Null if there is no answer; the outcome is unknown then.</summary>
    public async Task<Reply?> TrySendAsync(HttpMethod method, string path, object? body = null, string? accessToken = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body),
            Headers = { Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken) },
        };
        if (deviceToken is not null)
        {
            request.Headers.Add(DeviceHeader, deviceToken);
        }

        try
        {
            using var response = await http.SendAsync(request, Ct);
            if (response.Headers.TryGetValues(DeviceHeader, out var values))
            {
                deviceToken = values.Single();
            }

            var reply = new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
            ledger.CountAnswer();
            if (reply.IsUnavailable)
            {
                ledger.CountRetry();
            }

            return reply;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !Ct.IsCancellationRequested))
        {
            ledger.CountRetry();
            return null;
        }
    }

    /// <summary>Sends a request until there is an answer that does not ask to try again.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, string? accessToken = null)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        end.CancelAfter(LongestOutage);
        for (var pause = ShortestPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            if (await TrySendAsync(method, path, body, accessToken) is { IsUnavailable: false } reply)
            {
                return reply;
            }

            await Task.Delay(pause, end.Token);
        }
    }
}
