using AuthServer.Accounts;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;
using AuthServer.Tokens;

namespace AuthServer.ExternalLogins;

/// <summary>An identity that the caller can log in by.</summary>
/// <param name="Id">The id of the link.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="Name">The address or name at the provider; null if the provider gave none.</param>
/// <param name="CreatedAt">The moment when it was linked.</param>
internal sealed record ExternalLoginItem(Guid Id, string Provider, string? Name, DateTime CreatedAt);

/// <summary>The identities that the caller can log in by.</summary>
/// <param name="ExternalLogins">The identities, the oldest first.</param>
internal sealed record ExternalLoginList(IReadOnlyList<ExternalLoginItem> ExternalLogins);

/// <summary>An address at a provider, which the browser has to go to.</summary>
/// <param name="Location">The address.</param>
internal sealed record ProviderAddress(string Location);

/// <summary>The caller's identities at other providers.</summary>
internal static class LinkedIdentityEndpoints
{
    // The query parameter of a link that a login by another identity begins, without a press of a button for it.
    private const string Join = "join";

    public static void MapLinkedIdentities(this IEndpointRouteBuilder routes)
    {
        var linked = routes.MapGroup("").WithTags("External logins").RequireRateLimiting(RateLimits.Sessions);
        linked.MapGet("/external-logins", ListAsync)
            .WithName("ExternalLogins").WithSummary("The identities at other providers that the caller can log in by.")
            .Produces<ExternalLoginList>()
            .RequireAuthorization();
        linked.MapPost("/external-logins/{provider}", BeginAsync)
            .WithName("LinkExternalLogin")
            .WithSummary("Begins to link an identity: the browser goes to the address of the answer, and comes back.")
            .Produces<ProviderAddress>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.NotFound, ErrorCode.CrossSite, ErrorCode.ExternalLoginFailed)
            .WithMetadata(
                ReturnAddresses.Described,
                new QueryText(Join, "With `true`, only an identity with the verified address of the account is linked."))
            .RequireFreshProof(routes);
        linked.MapDelete("/external-logins/{id}", UnlinkAsync)
            .WithName("UnlinkExternalLogin").WithSummary("Unlinks an identity, and ends the caller's other sessions.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.NotFound, ErrorCode.LastCredential, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
    }

    private static async Task<IResult> ListAsync(Caller caller, LinkedIdentityService identities, CancellationToken ct) =>
        TypedResults.Ok(new ExternalLoginList(
            [.. (await identities.ListAsync(caller.UserId, ct)).Select(one => new ExternalLoginItem(
                one.Id, one.Provider, one.Name, one.LinkedAt.UtcDateTime))]));

    // The answer sets the cookie that the state is bound to, so the browser of a foreign page must not take part.
    private static async Task<IResult> BeginAsync(
        string provider,
        Caller caller,
        HttpContext http,
        ExternalProviders providers,
        ReturnAddresses addresses,
        LinkedIdentityService identities,
        CancellationToken ct)
    {
        if (providers.Find(provider) is not { } found)
        {
            return AuthProblems.From(ErrorCode.NotFound);
        }

        if (!TrustedOrigins.Sent(http.Request))
        {
            return AuthProblems.From(ErrorCode.CrossSite);
        }

        var address = addresses.Of(http.Request);
        if (address.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        var isJoin = http.Request.Query[Join] == "true";
        var asked = await identities.AskAsync(caller.UserId, caller.SessionId, CookieCallers.HandleOf(http), isJoin, ct);
        if (asked.Refusal is { } ended)
        {
            return AuthProblems.From(ended);
        }

        var exchange = http.RequestServices.GetRequiredService<ProviderExchange>();
        var purpose = new ExternalLoginPurpose(SessionKind.Tokens, Link: asked.Value);
        return (await exchange.BeginAsync(http, found, address.Value, purpose))
            .ToResult(location => TypedResults.Ok(new ProviderAddress(location)));
    }

    private static async Task<IResult> UnlinkAsync(
        string id,
        Caller caller,
        HttpContext http,
        LinkedIdentityService identities,
        SessionCookie cookie,
        CancellationToken ct)
    {
        if (!Guid.TryParseExact(id, "D", out var linkId))
        {
            return AuthProblems.From(ErrorCode.NotFound);
        }

        var outcome = await identities.UnlinkAsync(linkId, CookieCallers.ChangerOf(caller, http), ct);
        return outcome.ToResult(replaced =>
        {
            cookie.Renew(http.Response, replaced);
            return TypedResults.NoContent();
        });
    }
}
