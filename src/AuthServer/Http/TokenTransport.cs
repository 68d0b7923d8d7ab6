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

    /// <summary>No tokens: a cookie that names the session, which no script can read.</summary>
    Session,
}

/// <summary>Marks a route that answers with tokens, in the places that its query parameter <c>transport</c> selects.</summary>
/// <param name="MayHaveNone">True if it may answer with a session cookie instead.</param>
internal sealed record AnswersWithTokens(bool MayHaveNone)
{
    public const string Parameter = "transport";

    /// <summary>The transport of a request, the body if the parameter is absent; null if its value is unknown.</summary>
    public static TokenTransport? TransportOf(HttpRequest request) => request.Query[Parameter].ToString() switch
    {
        "" or "body" => TokenTransport.Body,
        "header" => TokenTransport.Header,
        "cookie" => TokenTransport.Cookie,
        "session" => TokenTransport.Session,
        _ => null,
    };

    /// <summary>Describes the parameter for the API reference.</summary>
    public OpenApiParameter Describe() => new()
    {
        Name = Parameter,
        In = ParameterLocation.Query,
        Description = "The places of the tokens: `body`; `header`, which is `Authorization` and `X-Refresh-Token`; or `cookie`, "
            + "which is `__Host-refresh` for the refresh token and the body for the access token. The answer to a refresh token "
            + "from the cookie always has the next one in the cookie."
            + (MayHaveNone ? " With `session` there are no tokens: `__Host-session` names the session." : ""),
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = MayHaveNone ? ["body", "header", "cookie", "session"] : ["body", "header", "cookie"],
            Default = "body",
        },
    };
}

internal static class TokenTransportExtensions
{
    /// <summary>
    /// Adds the parameter to a route: refuses an unknown transport, and a cookie for a page that is not of a trusted origin.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="mayHaveNone">True if the route may answer with a session cookie instead of tokens.</param>
    public static RouteHandlerBuilder WithTransport(this RouteHandlerBuilder route, bool mayHaveNone = false) => route
        .WithMetadata(new AnswersWithTokens(mayHaveNone))
        .WithProblems(ErrorCode.InvalidRequest, ErrorCode.CrossSite)
        .AddEndpointFilter((context, next) => AnswersWithTokens.TransportOf(context.HttpContext.Request) switch
        {
            null => Refuse("Must be body, header, cookie or session, or be left out."),
            TokenTransport.Session when !mayHaveNone => Refuse("Must be body, header or cookie, or be left out."),
            TokenTransport.Cookie or TokenTransport.Session when !TrustedOrigins.Sent(context.HttpContext.Request) =>
                new(AuthProblems.From(ErrorCode.CrossSite)),
            _ => next(context),
        });

    private static ValueTask<object?> Refuse(string message) =>
        new(AuthProblems.From(Refusal.OfField(AnswersWithTokens.Parameter, message)));
}
