using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>How tokens come back from a login or a refresh.</summary>
internal enum TokenTransport
{
    /// <summary>Both in the body.</summary>
    Body,

    /// <summary>Both in headers: <c>Authorization</c> and <c>X-Refresh-Token</c>.</summary>
    Header,

    /// <summary>The refresh token in a cookie that no script can read, the access token in the body.</summary>
    Cookie,
}

/// <summary>Says that a route answers with tokens, in the way that its query parameter <c>transport</c> asks for.</summary>
internal sealed record AnswersWithTokens
{
    public const string Parameter = "transport";

    /// <summary>What the parameter asks for, the body if it is absent; null for what is unknown.</summary>
    public static TokenTransport? TransportOf(HttpRequest request) => request.Query[Parameter].ToString() switch
    {
        "" or "body" => TokenTransport.Body,
        "header" => TokenTransport.Header,
        "cookie" => TokenTransport.Cookie,
        _ => null,
    };

    /// <summary>The parameter as the API reference shows it.</summary>
    public static OpenApiParameter Describe() => new()
    {
        Name = Parameter,
        In = ParameterLocation.Query,
        Description = "How the tokens come: in the body; in the headers `Authorization` and `X-Refresh-Token`; or the refresh token in "
            + "the cookie `__Host-refresh` and the access token in the body. A refresh token that came by cookie goes back by cookie only.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["body", "header", "cookie"], Default = "body" },
    };
}

internal static class TokenTransportExtensions
{
    /// <summary>
    /// Lets a route be asked for a transport: refuses an unknown one, and one by cookie to a page that is not ours.
    /// </summary>
    public static RouteHandlerBuilder WithTransport(this RouteHandlerBuilder route) => route
        .WithMetadata(new AnswersWithTokens())
        .WithProblems(ErrorCode.InvalidRequest, ErrorCode.CrossSite)
        .AddEndpointFilter((context, next) => AnswersWithTokens.TransportOf(context.HttpContext.Request) switch
        {
            null => new(AuthProblems.From(Refusal.OfField(AnswersWithTokens.Parameter, "Must be body, header or cookie, or be left out."))),
            TokenTransport.Cookie when !TrustedOrigins.Sent(context.HttpContext.Request) => new(AuthProblems.From(ErrorCode.CrossSite)),
            _ => next(context),
        });
}
