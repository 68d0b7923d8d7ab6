using System.Net;
using System.Net.Http.Headers;

namespace AuthServer.Client;

/// <summary>
/// Sends requests with the access token, refreshed ahead of its end. Where the server calls a token expired all the same, it is
/// refreshed and the request is sent once more, if its body can be. Any number of requests wait for one refresh.
/// </summary>
/// <remarks>
/// Left alone are requests that bring an <c>Authorization</c> of their own, requests to origins that are neither the server's nor
/// among <see cref="AuthServerClientOptions.Origins"/>, and all of them while nobody is signed in. A request belongs to the session
/// that is there when it first comes, which its <see cref="HttpRequestMessage.Options"/> note: where another takes its place before it is
/// sent, or sent again, it goes out without a token, as if nobody were signed in. What is sent is a copy, and the headers of the
/// request stay as they came: a handler around this one may send it again, or several times at once. Where a fresh token can't be had the request fails with an <see cref="HttpRequestException"/>,
/// and the session stays.
/// </remarks>
public sealed class AuthServerHandler : DelegatingHandler
{
    // Whose request it is: a handler around this one may send it again, when somebody else is signed in.
    private static readonly HttpRequestOptionsKey<Guid> Session = new("AuthServer.Session");

    private readonly SessionKeeper keeper;
    private readonly TokenDestinations destinations;

    /// <summary>A handler for the session of <paramref name="client"/>.</summary>
    public AuthServerHandler(AuthServerClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        (keeper, destinations) = (client.Keeper, client.Destinations);
    }

    internal AuthServerHandler(SessionKeeper keeper, TokenDestinations destinations) =>
        (this.keeper, this.destinations) = (keeper, destinations);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Headers.Contains("Authorization")
            || !destinations.GetToken(request.RequestUri)
            || await GetTokenAsync(request, cancellationToken).ConfigureAwait(false) is not { } token)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var (response, isFromElsewhere) = await SendWithAsync(token, request, cancellationToken).ConfigureAwait(false);
        if (isFromElsewhere || !await IsExpiredAsync(response, token, cancellationToken).ConfigureAwait(false))
        {
            return response;
        }

        token.Refuse();
        return Replay.IsPossible(request.Content, response.Version)
            ? await RepeatAsync(request, token, response, cancellationToken).ConfigureAwait(false)
            : response;
    }

    /// <summary>Not supported, for to wait for a token without giving up the thread invites deadlocks.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A request that needs an access token can't be sent synchronously; use SendAsync.");

    private async Task<HttpResponseMessage> RepeatAsync(
        HttpRequestMessage request, AccessToken expired, HttpResponseMessage refusal, CancellationToken ct)
    {
        try
        {
            // Whoever has logged in meanwhile did not ask for this.
            if (await keeper.GetAsync(ct).ConfigureAwait(false) is not { } fresh || fresh.SessionId != expired.SessionId)
            {
                return refusal;
            }

            var (response, isFromElsewhere) = await SendWithAsync(fresh, request, ct).ConfigureAwait(false);
            refusal.Dispose();
            _ = isFromElsewhere || await IsExpiredAsync(response, fresh, ct).ConfigureAwait(false);
            return response;
        }
        catch (InvalidOperationException)
        {
            // The body can't be sent again after all.
            return refusal;
        }
        catch
        {
            refusal.Dispose();
            throw;
        }
    }

    private async Task<AccessToken?> GetTokenAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (!request.Options.TryGetValue(Session, out var session))
        {
            session = await keeper.GetSessionAsync(ct).ConfigureAwait(false) ?? Guid.Empty;
            request.Options.Set(Session, session);
        }

        if (session == Guid.Empty)
        {
            return null;
        }

        var token = await keeper.GetAsync(ct).ConfigureAwait(false);
        return token?.SessionId == session ? token : null;
    }

    // Who follows a redirect takes the token off, so where it is gone the answer is somebody else's.
    private async Task<(HttpResponseMessage Response, bool IsFromElsewhere)> SendWithAsync(
        AccessToken token, HttpRequestMessage request, CancellationToken ct)
    {
#pragma warning disable CA2000 // Its body is the original's, who disposes of it.
        var copy = CopyOf(request);
#pragma warning restore CA2000
        copy.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        var response = await base.SendAsync(copy, ct).ConfigureAwait(false);
        var isFromElsewhere = response.RequestMessage is { } sent && sent.Headers.Authorization?.Parameter != token.Value;

        // It hangs on the answer, which is anybody's to log.
        copy.Headers.Authorization = null;
        return (response, isFromElsewhere);
    }

    private static HttpRequestMessage CopyOf(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Content = request.Content,
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
        };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (key, value) in request.Options)
        {
            copy.Options.TryAdd(key, value);
        }

        return copy;
    }

    // Then the answer may be somebody else's, who knows nothing of the token and has no say about the session.
    // Whether a refresh would help. Where the session is over it is ended here as well.
    private async Task<bool> IsExpiredAsync(HttpResponseMessage response, AccessToken token, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return false;
        }

        if (response.Headers.WwwAuthenticate.Any(TellsExpired))
        {
            return true;
        }

        var problem = await response.ReadProblemAsync(ct).ConfigureAwait(false);
        if (problem?.Code == AuthServerErrorCodes.SessionEnded)
        {
            await keeper.EndAsync(token, problem).ConfigureAwait(false);
        }

        return problem?.Code == AuthServerErrorCodes.AccessTokenExpired;
    }

    // The second is how ASP.NET Core's own bearer authentication puts it, which guards many an API.
    private static bool TellsExpired(AuthenticationHeaderValue challenge) =>
        challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
        && challenge.Parameter is { } parameter
        && parameter.Contains("error=\"invalid_token\"", StringComparison.Ordinal)
        && (parameter.Contains("error_description=\"expired\"", StringComparison.Ordinal)
            || parameter.Contains("error_description=\"The token expired at ", StringComparison.Ordinal));
}
