using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Observability;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using static OpenIddict.Client.OpenIddictClientEvents;
using Properties = OpenIddict.Client.AspNetCore.OpenIddictClientAspNetCoreConstants.Properties;

namespace AuthServer.ExternalLogins;

/// <summary>The answer of a provider.</summary>
/// <param name="ReturnTo">The address to return to; null if the state is not genuine.</param>
/// <param name="Purpose">The purpose of the login; null if the state is not genuine.</param>
/// <param name="Identity">The identity, or the reason why there is none.</param>
internal sealed record ProviderAnswer(string? ReturnTo, ExternalLoginPurpose? Purpose, Outcome<ExternalIdentity> Identity);

/// <summary>Sends browsers to a provider, and checks what they bring back. Safe to share.</summary>
internal sealed class ProviderExchange(
    IOptions<ExternalLoginOptions> options, TimeProvider clock, LineLimit limit, ILogger<ProviderExchange> log)
{
    /// <summary>Time within which a provider has to answer, for all requests to it together.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // Between this server and a provider.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private static readonly AuthenticationScheme Scheme = new(
        OpenIddictClientAspNetCoreDefaults.AuthenticationScheme, displayName: null, typeof(OpenIddictClientAspNetCoreHandler));

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
        await TryAsync(http, provider, async handler =>
        {
            await handler.HandleRequestAsync();
            await handler.ChallengeAsync(properties);
        });
        var response = http.Response;
        var location = response.Headers.Location.ToString();
        response.Headers.Location = default;
        response.StatusCode = StatusCodes.Status200OK;
        return location.Length > 0 ? location : Refusal.Of(ExternalLoginFailure.TemporarilyUnavailable);
    }

    /// <summary>Checks the answer that a browser brings back, redeems its code, and reads who the user is.</summary>
    public async Task<ProviderAnswer> EndAsync(HttpContext http, ExternalProvider provider)
    {
        AuthenticateResult? result = null;
        var reached = await TryAsync(http, provider, async handler =>
        {
            await handler.HandleRequestAsync();
            result = await handler.AuthenticateAsync();
        });
        var context = http.Features.Get<OpenIddictClientAspNetCoreFeature>()?.Transaction
            ?.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!);
        var state = context?.StateTokenPrincipal;
        return new ProviderAnswer(
            state?.GetClaim(OpenIddictConstants.Claims.TargetLinkUri),
            state is null ? null : ExternalLoginPurpose.ReadFrom(context!.Properties!),
            reached ? IdentityOf(provider, result, context) : Refusal.Of(ExternalLoginFailure.TemporarilyUnavailable));
    }

    // The library takes the time limit from the request. Its handler is no scheme of the server, or it would see every request.
    private async Task<bool> TryAsync(
        HttpContext http, ExternalProvider provider, Func<OpenIddictClientAspNetCoreHandler, Task> work)
    {
        var aborted = http.RequestAborted;
        using var timer = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, timer.Token);
        http.RequestAborted = either.Token;
        try
        {
            var handler = http.RequestServices.GetRequiredService<OpenIddictClientAspNetCoreHandler>();
            await handler.InitializeAsync(Scheme, http);
            await work(handler);
            return true;
        }
        catch (Exception exception) when (!aborted.IsCancellationRequested)
        {
            if (limit.TryAdmit(log, "provider_not_reached", http.ClientInfo().IpAddress))
            {
                log.ProviderNotReached(provider.Id, exception.GetType().Name, exception.GetBaseException().Message);
            }

            return false;
        }
        finally
        {
            http.RequestAborted = aborted;
        }
    }

    private Outcome<ExternalIdentity> IdentityOf(
        ExternalProvider provider, AuthenticateResult? result, ProcessAuthenticationContext? context)
    {
        if (result is not { Succeeded: true } || context is null)
        {
            return Refusal.Of(FailureOf(context));
        }

        if (ProviderClaims.HasExpired(context.BackchannelIdentityTokenPrincipal, clock.GetUtcNow() - ClockTolerance))
        {
            return Refusal.Of(ExternalLoginFailure.ServerError);
        }

        var settings = options.Value.Providers[provider.Id];
        return ProviderClaims.Read(provider.Id, settings, context) is { } identity
            ? identity
            : Refusal.Of(ExternalLoginFailure.ServerError);
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
