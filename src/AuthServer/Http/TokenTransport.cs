using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>Says that a route answers with tokens, in the way that its query parameter <c>transport</c> asks for.</summary>
internal sealed record TokenTransport
{
    public const string Parameter = "transport";
    public const string Body = "body";

    /// <summary>The parameter as the API reference shows it.</summary>
    public static OpenApiParameter Describe() => new()
    {
        Name = Parameter,
        In = ParameterLocation.Query,
        Description = "How the tokens come: in the body.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [Body], Default = Body },
    };
}

internal static class TokenTransportExtensions
{
    /// <summary>Makes a route answer with tokens in the body, and refuse any other way of carrying them.</summary>
    public static RouteHandlerBuilder WithTransport(this RouteHandlerBuilder route) => route
        .WithMetadata(new TokenTransport())
        .AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.Query[TokenTransport.Parameter].ToString() is "" or TokenTransport.Body
                ? await next(context)
                : AuthProblems.From(Refusal.OfField(TokenTransport.Parameter, "Must be body, or be left out.")));
}
