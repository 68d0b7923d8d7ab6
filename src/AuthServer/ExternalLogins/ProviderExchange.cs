using System.Net.Sockets;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Observability;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using static OpenIddict.Client.OpenIddictClientEvents;
using Parameters = OpenIddict.Abstractions.OpenIddictConstants.Parameters;
using Properties = OpenIddict.Client.AspNetCore.OpenIddictClientAspNetCoreConstants.Properties;

namespace AuthServer.ExternalLogins;

/// <summary>The answer of a provider.</summary>
/// <param name="ReturnTo">The address to return to; null if the state is not genuine.</param>
/// <param name="Purpose">The purpose of the login; null if the state is not genuine.</param>
/// <param name="Identity">The identity, or the reason why there is none.</param>
internal sealed record ProviderAnswer(string? ReturnTo, ExternalLoginPurpose? Purpose, Outcome<ExternalIdentity> Identity);

/// <summary>Sends browsers to a provider, and checks what they bring back. Safe to share.</summary>
internal sealed class ProviderExchange(
    IOptions<ExternalLoginOptions> options,
    IOptionsMonitorCache<OpenIddictClientOptions> made,
    ServerKeys keys,
    TimeProvider clock,
    LineLimit limit,
    ILogger<ProviderExchange> log)
{
    /// <summary>Time within which a provider has to answer, for all requests to it together.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // Between this server and a provider.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private static readonly AuthenticationScheme Scheme = new(
        OpenIddictClientAspNetCoreDefaults.AuthenticationScheme, displayName: null, typeof(OpenIddictClientAspNetCoreHandler));

    // The root keys that the library's options were last used with.
    private RootKeyRing? used;

    /// <summary>
    /// Begins a login at a provider, and sets the cookie that its state is bound to. Refuses with <see
    /// cref="ErrorCode.ExternalLoginFailed"/>.
    /// </summary>
    /// <param name="http">The request of the browser.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="returnTo">The address to return to, which is allowed.</param>
    /// <param name="purpose">The purpose of the login.</param>
    /// <returns>The address at the provider.</returns>
    public async Task<Outcome<string>> BeginAsync(
        HttpContext http, ExternalProvider provider, string returnTo, ExternalLoginPurpose purpose)
    {
        var properties = new AuthenticationProperties { RedirectUri = returnTo };
        properties.Items[Properties.RegistrationId] = provider.Id;
        purpose.WriteTo(properties.Items);
        StateCookies.ForgetIfMany(http);
        var failure = await TryAsync(http, provider, async handler =>
        {
            await handler.HandleRequestAsync();
            await handler.ChallengeAsync(properties);
        });
        var response = http.Response;
        var location = response.Headers.Location.ToString();
        response.Headers.Location = default;
        response.StatusCode = StatusCodes.Status200OK;

        // A page of ours may go there by a script, so no other scheme may do.
        return failure is { } failed ? Refusal.Of(failed)
            : location.Length == 0 ? Refusal.Of(ExternalLoginFailure.TemporarilyUnavailable)
            : Uri.TryCreate(location, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? location
            : Refusal.Of(ExternalLoginFailure.ServerError);
    }

    /// <summary>Checks the answer that a browser brings back, redeems its code, and reads who the user is.</summary>
    public async Task<ProviderAnswer> EndAsync(HttpContext http, ExternalProvider provider)
    {
        StateCookies.DropUnprotected(http.Request);
        AuthenticateResult? result = null;
        var failure = await TryAsync(http, provider, async handler =>
        {
            if (await HasStateAsync(http.Request))
            {
                await handler.HandleRequestAsync();
                result = await handler.AuthenticateAsync();
            }
        });
        var context = http.Features.Get<OpenIddictClientAspNetCoreFeature>()?.Transaction
            ?.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!);
        var state = context?.StateTokenPrincipal;
        return new ProviderAnswer(
            state?.GetClaim(OpenIddictConstants.Claims.TargetLinkUri),
            state is null ? null : ExternalLoginPurpose.ReadFrom(context!.Properties!),
            failure is { } failed ? Refusal.Of(failed) : IdentityOf(http, provider, result, context));
    }

    // The library fails on a form without any field.
    private static async Task<bool> HasStateAsync(HttpRequest request) =>
        request.HasFormContentType
            ? (await request.ReadFormAsync(request.HttpContext.RequestAborted)).ContainsKey(Parameters.State)
            : request.Query.ContainsKey(Parameters.State);

    // The library takes the time limit from the request. Its handler is no scheme of the server, or it would see every request.
    private async Task<ExternalLoginFailure?> TryAsync(
        HttpContext http, ExternalProvider provider, Func<OpenIddictClientAspNetCoreHandler, Task> work)
    {
        var aborted = http.RequestAborted;
        using var timer = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, timer.Token);
        http.RequestAborted = either.Token;
        ForgetRevokedKeys();
        try
        {
            var handler = http.RequestServices.GetRequiredService<OpenIddictClientAspNetCoreHandler>();
            await handler.InitializeAsync(Scheme, http);
            await work(handler);
            return null;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException)
        {
            // The browser has sent what is no form.
            return ExternalLoginFailure.InvalidRequest;
        }
        catch (Exception exception) when (!aborted.IsCancellationRequested)
        {
            var cause = exception.GetBaseException();
            Log(http, provider, exception.GetType().Name, cause.Message);
            return cause is HttpRequestException or IOException or SocketException or OperationCanceledException
                ? ExternalLoginFailure.TemporarilyUnavailable
                : ExternalLoginFailure.ServerError;
        }
        finally
        {
            http.RequestAborted = aborted;
        }
    }

    private Outcome<ExternalIdentity> IdentityOf(
        HttpContext http, ExternalProvider provider, AuthenticateResult? result, ProcessAuthenticationContext? context)
    {
        if (result is not { Succeeded: true } || context is null)
        {
            var failure = FailureOf(context);
            if (context is { ErrorUri: { } page } && failure is not ExternalLoginFailure.AccessDenied)
            {
                // The library's page about the cause, because its sentence may have words of the provider.
                Log(http, provider, failure.ToString(), page);
            }

            return Refusal.Of(failure);
        }

        try
        {
            var settings = options.Value.Providers[provider.Id];
            if (!ProviderClaims.HasExpired(context.BackchannelIdentityTokenPrincipal, clock.GetUtcNow() - ClockTolerance)
                && ProviderClaims.Read(provider.Id, settings, context) is { } identity)
            {
                return identity;
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // A text that is no Unicode, or a moment beyond all time.
            Log(http, provider, exception.GetType().Name, "claims that can't be read");
        }

        return Refusal.Of(ExternalLoginFailure.ServerError);
    }

    private void Log(HttpContext http, ExternalProvider provider, string kind, string message)
    {
        if (limit.TryAdmit(log, "provider_not_reached", http.ClientInfo().IpAddress))
        {
            log.ProviderNotReached(provider.Id, kind, message);
        }
    }

    // The library keeps the options that it has made, and a state under a revoked key must not count any more.
    private void ForgetRevokedKeys()
    {
        var root = keys.Root;
        if (Interlocked.Exchange(ref used, root) != root)
        {
            made.TryRemove(Options.DefaultName);
        }
    }

    // Once the code is being redeemed, the browser has done its part.
    private static ExternalLoginFailure FailureOf(ProcessAuthenticationContext? context) =>
        (context?.Error, HasCodeBeenSent: context?.TokenRequest is not null) switch
        {
            (OpenIddictConstants.Errors.AccessDenied, false) => ExternalLoginFailure.AccessDenied,
            (OpenIddictConstants.Errors.TemporarilyUnavailable, _) => ExternalLoginFailure.TemporarilyUnavailable,
            (OpenIddictConstants.Errors.ServerError, true) => ExternalLoginFailure.TemporarilyUnavailable,
            (OpenIddictConstants.Errors.InvalidRequest or OpenIddictConstants.Errors.InvalidToken, false) =>
                ExternalLoginFailure.InvalidRequest,
            (_, false) when context?.StateTokenPrincipal is null => ExternalLoginFailure.InvalidRequest,
            _ => ExternalLoginFailure.ServerError,
        };
}
