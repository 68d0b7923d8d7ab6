using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>The places of tokens in the answer to a login or a refresh.</summary>
internal enum TokenTransport
{
    /// <summary>Both in the body.</summary>
    Body,

    /// <summary>Both in headers: <c>Authorization</c> and <c>X-Refresh-Token</c>.</summary>
    Header,

    /// <summary>The refresh token in a cookie that no script can read, the access token in the body.</summary>
    Cookie,
}

/// <summary>Marks a route that answers with tokens, in the places that its query parameter <c>transport</c> selects.</summary>
internal sealed record AnswersWithTokens
{
    public const string Parameter = "transport";

    /// <summary>The transport of a request, the body if the parameter is absent; null if its value is unknown.</summary>
    public static TokenTransport? TransportOf(HttpRequest request) => request.Query[Parameter].ToString() switch
    {
        "" or "body" => TokenTransport.Body,
        "header" => TokenTransport.Header,
        "cookie" => TokenTransport.Cookie,
        _ => null,
    };

    /// <summary>Describes the parameter for the API reference.</summary>
    public static OpenApiParameter Describe() => new()
    {
        Name = Parameter,
        In = ParameterLocation.Query,
        Description = "The places of the tokens: `body`; `header`, which is `Authorization` and `X-Refresh-Token`; or `cookie`, "
            + "which is `__Host-refresh` for the refresh token and the body for the access token. The answer to a refresh token "
            + "from the cookie always has the next one in the cookie.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["body", "header", "cookie"], Default = "body" },
    };
}

internal static class TokenTransportExtensions
{
    /// <summary>
    /// Adds the parameter to a route: refuses an unknown transport, and a cookie for a page that is not of a trusted origin.
    /// </summary>
    public static RouteHandlerBuilder WithTransport(this RouteHandlerBuilder route) => route
        .WithMetadata(new AnswersWithTokens())
        .WithProblems(ErrorCode.InvalidRequest, ErrorCode.CrossSite)
        .AddEndpointFilter((context, next) => AnswersWithTokens.TransportOf(context.HttpContext.Request) switch
        {
            null => new(AuthProblems.From(
                Refusal.OfField(AnswersWithTokens.Parameter, "Must be body, header or cookie, or be left out."))),
            TokenTransport.Cookie when !TrustedOrigins.Sent(context.HttpContext.Request) =>
                new(AuthProblems.From(ErrorCode.CrossSite)),
            _ => next(context),
        });
}
