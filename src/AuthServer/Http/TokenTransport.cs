using AuthServer.Core;

namespace AuthServer.Http;

internal static class TokenTransport
{
    /// <summary>Makes a route answer with tokens in the body, and refuse any other way of carrying them.</summary>
    public static RouteHandlerBuilder WithTransport(this RouteHandlerBuilder route) => route.AddEndpointFilter(async (context, next) =>
        context.HttpContext.Request.Query["transport"].ToString() is "" or "body"
            ? await next(context)
            : AuthProblems.From(Refusal.OfField("transport", "Must be body, or be left out.")));
}
