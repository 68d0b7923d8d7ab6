using System.Net;
using System.Net.Http.Headers;

namespace AuthServer.Client;

/// <summary>
/// Sends requests with the access token, and refreshes it before it expires. If the server finds a token expired all the same, it
/// is refreshed. The request is sent once more, provided that its body can be. Any number of requests wait for one refresh.
/// </summary>
/// <remarks>
/// <para>
/// Requests with an <c>Authorization</c> header of their own pass unchanged, as do those to origins that are neither the server's
/// nor among <see cref="AuthServerClientOptions.Origins"/>. While there is no session, all pass unchanged.
/// </para>
/// <para>
/// A request belongs to the session that is there when it first arrives, which is noted in its
/// <see cref="HttpRequestMessage.Options"/>. If another session takes its place before the request is sent, or sent again, the
/// request goes out without a token. A copy is sent, and the headers of the request stay as they were. A handler around this one
/// may send it again, or several times at once. If a fresh token can't be obtained, the request fails with an
/// <see cref="HttpRequestException"/>, and the session stays.
/// </para>
/// </remarks>
public sealed class AuthServerHandler : DelegatingHandler
{
    // The session that a request belongs to. A handler around this one may send it again after another login.
    private static readonly HttpRequestOptionsKey<Guid> Session = new("AuthServer.Session");

    private readonly Func<AuthServerClient?> current;

    /// <summary>Creates a handler for the session of <paramref name="client"/>.</summary>
    public AuthServerHandler(AuthServerClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        current = () => client;
    }

    /// <summary>Creates a handler for sessions of many users.</summary>
    /// <param name="current">Returns the client of the user that a request is sent for; null for none.</param>
    internal AuthServerHandler(Func<AuthServerClient?> current) => this.current = current;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Headers.Contains("Authorization")
            || current() is not { } client
            || !client.Destinations.ShouldAttachToken(request.RequestUri)
            || await GetTokenAsync(client.Keeper, request, cancellationToken).ConfigureAwait(false) is not { } token)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var (response, wasRedirected) = await SendWithAsync(token, request, cancellationToken).ConfigureAwait(false);
        if (wasRedirected || !await IsExpiredAsync(client.Keeper, response, token, cancellationToken).ConfigureAwait(false))
        {
            return response;
        }

        token.Refuse();
        return Replay.IsPossible(request.Content, response.Version)
            ? await RepeatAsync(client.Keeper, request, token, response, cancellationToken).ConfigureAwait(false)
            : response;
    }

    /// <summary>Fails: blocking the thread while a token is refreshed can deadlock.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A request that needs an access token can't be sent synchronously; use SendAsync.");

    private async Task<HttpResponseMessage> RepeatAsync(
        SessionKeeper keeper,
        HttpRequestMessage request,
        AccessToken expired,
        HttpResponseMessage refusal,
        CancellationToken ct)
    {
        try
        {
            // A session that was opened meanwhile did not make this request.
            if (await keeper.GetAsync(ct).ConfigureAwait(false) is not { } fresh || fresh.SessionId != expired.SessionId)
            {
                return refusal;
            }

            var (response, wasRedirected) = await SendWithAsync(fresh, request, ct).ConfigureAwait(false);
            refusal.Dispose();
            _ = wasRedirected || await IsExpiredAsync(keeper, response, fresh, ct).ConfigureAwait(false);
            return response;
        }
        catch (InvalidOperationException)
        {
            // The body can't be sent again after all: its content threw.
            return refusal;
        }
        catch
        {
            refusal.Dispose();
            throw;
        }
    }

    private static async Task<AccessToken?> GetTokenAsync(
        SessionKeeper keeper, HttpRequestMessage request, CancellationToken ct)
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

    // A handler that follows a redirect removes the token, and the response is then of another address. Such an address knows
    // nothing of the token, and its refusals change nothing here.
    private async Task<(HttpResponseMessage Response, bool WasRedirected)> SendWithAsync(
        AccessToken token, HttpRequestMessage request, CancellationToken ct)
    {
#pragma warning disable CA2000 // Its content belongs to the original request, and is disposed of with it.
        var copy = CopyOf(request);
#pragma warning restore CA2000
        copy.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        var response = await base.SendAsync(copy, ct).ConfigureAwait(false);
        var wasRedirected = response.RequestMessage is { } sent && sent.Headers.Authorization?.Parameter != token.Value;

        // The response refers to the copy, and any handler may log it.
        copy.Headers.Authorization = null;
        return (response, wasRedirected);
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

    // True if a refresh would help. A session that has ended at the server is ended here as well.
    private static async Task<bool> IsExpiredAsync(
        SessionKeeper keeper, HttpResponseMessage response, AccessToken token, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return false;
        }

        if (response.Headers.WwwAuthenticate.Any(IsExpired))
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

    // The second description is the one of ASP.NET Core's own bearer authentication.
    private static bool IsExpired(AuthenticationHeaderValue challenge) =>
        challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
        && challenge.Parameter is { } parameter
        && parameter.Contains("error=\"invalid_token\"", StringComparison.Ordinal)
        && (parameter.Contains("error_description=\"expired\"", StringComparison.Ordinal)
            || parameter.Contains("error_description=\"The token expired at ", StringComparison.Ordinal));
}
