using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Observability;
using AuthServer.Sessions;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace AuthServer.ExternalLogins;

/// <summary>The providers that users can log in by.</summary>
/// <param name="Providers">The providers, by name; none unless configured.</param>
internal sealed record ProviderList(IReadOnlyList<ExternalProvider> Providers);

/// <summary>
/// Logins at other providers, which browsers come to by links. So a failure goes to the page that asked, except for one of its
/// request.
/// </summary>
internal static class ExternalLoginEndpoints
{
    // Sources: RFC 6749 §4.1.2.1.
    private const string Error = "error";
    private const string ErrorDescription = "error_description";

    public static void MapExternalLogins(this IEndpointRouteBuilder routes)
    {
        var logins = routes.MapGroup("").WithTags("External logins");
        logins.MapGet("/login/external", (ExternalProviders providers) => TypedResults.Ok(new ProviderList(providers.All)))
            .WithName("ExternalProviders").WithSummary("The other providers that users can log in by.")
            .WithMetadata(new NeedsNoDatabase());
        logins.MapGet("/login/external/{provider}", BeginAsync)
            .WithName("ExternalLogin").WithSummary("Sends the browser to a provider, from which it comes back logged in.")
            .Produces(StatusCodes.Status302Found)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.NotFound, ErrorCode.CrossSite)
            .WithMetadata(
                new NeedsNoDatabase(),
                ReturnAddresses.Described,
                new QueryText(AnswersWithTokens.Parameter, "The kind of session: `cookie`, which is the default, or `session`."))
            .RequireRateLimiting(RateLimits.Credentials);
        logins.MapMethods("/login/external/{provider}/callback", [HttpMethods.Get, HttpMethods.Post], EndAsync)
            .ExcludeFromDescription()
            .RequireRateLimiting(RateLimits.Credentials);
        routes.MapLinkedIdentities();
    }

    private static async Task<IResult> BeginAsync(
        string provider,
        HttpContext http,
        ExternalProviders providers,
        ReturnAddresses addresses,
        TokenPairIssuer tokens,
        SessionCookie cookie,
        IEventCounter events)
    {
        if (providers.Find(provider) is not { } found)
        {
            return AuthProblems.From(ErrorCode.NotFound);
        }

        // Each begin sets a cookie. A foreign page with many images or frames of this address would displace all cookies.
        if (http.Request.Headers["Sec-Fetch-Dest"].ToString() is not ("" or "document"))
        {
            return AuthProblems.From(ErrorCode.CrossSite);
        }

        // A page of another site would otherwise replace the session of its user by one that a provider agrees to silently.
        if (http.Request.Headers["Sec-Fetch-Site"] == "cross-site")
        {
            return TypedResults.Redirect(ReturnAddresses.LoginPageOf(http.Request) + http.Request.QueryString);
        }

        SessionKind? kind = http.Request.Query[AnswersWithTokens.Parameter].ToString() switch
        {
            "" or "cookie" => SessionKind.Tokens,
            "session" => SessionKind.Cookie,
            _ => null,
        };
        if (kind is not { } wanted)
        {
            return AuthProblems.From(
                Refusal.OfField(AnswersWithTokens.Parameter, "Must be cookie or session, or be left out."));
        }

        var address = addresses.Of(http.Request);
        if (address.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        // The new session takes the place of the browser's. The answer of the provider comes without this cookie.
        var replaced = wanted == SessionKind.Tokens ? RefreshCookie.Of(http.Request)
            : cookie.Of(http.Request) is [.., var newest] ? newest : null;
        var purpose = new ExternalLoginPurpose(wanted, tokens.SessionOf(replaced, wanted));
        var begun = await ExchangeOf(http).BeginAsync(http, found, address.Value, purpose);
        return begun.Refusal is { } failed
            ? Return(http, events, found, address.Value, failed)
            : TypedResults.Redirect(begun.Value);
    }

    private static async Task<IResult> EndAsync(
        string provider,
        HttpContext http,
        ExternalProviders providers,
        ExternalLoginService logins,
        LinkedIdentityService identities,
        SessionCookie cookie,
        IEventCounter events,
        CancellationToken ct)
    {
        if (providers.Find(provider) is not { } found)
        {
            return AuthProblems.From(ErrorCode.NotFound);
        }

        var answer = await ExchangeOf(http).EndAsync(http, found);
        var returnTo = answer.ReturnTo ?? ReturnAddresses.LoginPageOf(http.Request);
        if (answer.Identity.Refusal is { } refusal)
        {
            return Return(http, events, found, returnTo, refusal);
        }

        try
        {
            var failed = answer.Purpose!.Link is { } asked
                ? await LinkAsync(http, answer.Identity.Value, asked, identities, cookie, ct)
                : await LogInAsync(http, answer.Identity.Value, answer.Purpose, logins, cookie, ct);
            return failed?.Offer is { Challenge: { } challenge } offer
                ? TypedResults.Redirect(SecondStepOf(http, returnTo, failed.Code, challenge, offer, answer.Purpose.Kind))
                : Return(http, events, found, returnTo, failed);
        }
        catch (UnavailableException)
        {
            return Return(http, events, found, returnTo, new Refusal(ErrorCode.Unavailable));
        }
    }

    private static async Task<Refusal?> LinkAsync(
        HttpContext http,
        ExternalIdentity identity,
        LinkRequest asked,
        LinkedIdentityService identities,
        SessionCookie cookie,
        CancellationToken ct)
    {
        var outcome = await identities.LinkAsync(identity, asked, http.ClientInfo(), ct);
        if (outcome is { Refusal: null, Value: { } replaced })
        {
            cookie.Set(http.Response, replaced);
        }

        return outcome.Refusal;
    }

    private static async Task<Refusal?> LogInAsync(
        HttpContext http,
        ExternalIdentity identity,
        ExternalLoginPurpose purpose,
        ExternalLoginService logins,
        SessionCookie cookie,
        CancellationToken ct)
    {
        var outcome = await logins.LogInAsync(identity, purpose, http.ClientInfo(), http.AdmitsRegistration, ct);
        if (outcome.Refusal is { } refusal)
        {
            return refusal;
        }

        if (outcome.Value.Handle is { } handle)
        {
            cookie.Set(http.Response, handle);
        }
        else
        {
            RefreshCookie.Set(
                http.Response, outcome.Value.RefreshToken!, TimeSpan.FromSeconds(outcome.Value.RefreshExpiresIn));
        }

        return null;
    }

    // The service that speaks with providers exists only if one is configured.
    private static ProviderExchange ExchangeOf(HttpContext http) => http.RequestServices.GetRequiredService<ProviderExchange>();

    // After the #, because browsers send no fragment: neither to a server nor in a Referer.
    private static string SecondStepOf(
        HttpContext http, string returnTo, ErrorCode code, string challenge, SecondFactorOffer offer, SessionKind kind)
    {
        var page = QueryHelpers.AddQueryString(
            ReturnAddresses.LoginPageOf(http.Request), ReturnAddresses.Parameter, returnTo);
        var step = code == ErrorCode.SecondFactorRequired ? "challenge" : "setup";
        var transport = kind == SessionKind.Cookie ? "session" : "cookie";
        return $"{page}#{step}={challenge}&methods={string.Join(',', offer.MethodNames)}&transport={transport}";
    }

    private static RedirectHttpResult Return(
        HttpContext http, IEventCounter events, ExternalProvider provider, string returnTo, Refusal? refusal)
    {
        if (refusal is null)
        {
            return TypedResults.Redirect(returnTo);
        }

        var (error, description) = ErrorOf(refusal);
        events.Count(new SecurityEvent(EventKind.ExternalLoginFailed, http.ClientInfo())
        {
            Detail = $"{provider.Id}: {description}",
        });
        return TypedResults.Redirect(QueryHelpers.AddQueryString(returnTo, new Dictionary<string, string?>
        {
            [Error] = error,
            [ErrorDescription] = description,
            ["provider"] = provider.Id,
        }));
    }

    // The error in words of the RFC, and our code, which says more.
    private static (string Error, string Description) ErrorOf(Refusal refusal) => refusal switch
    {
        { Failure: ExternalLoginFailure.IdentityInUse and var failure } => ("access_denied", NameOf(failure)),
        { Failure: { } failure } => (NameOf(failure), NameOf(failure)),
        { Code: ErrorCode.Unavailable } => ("temporarily_unavailable", AuthProblems.Name(refusal.Code)),
        _ => ("access_denied", AuthProblems.Name(refusal.Code)),
    };

    private static string NameOf(ExternalLoginFailure failure) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString());
}
