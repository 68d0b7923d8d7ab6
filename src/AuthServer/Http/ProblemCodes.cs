using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>The codes that a route answers with, in addition to those of every route of its kind.</summary>
internal sealed record ProblemCodes(IReadOnlyList<ErrorCode> Codes);

internal static class ProblemCodesExtensions
{
    /// <summary>Lists the errors of a route in the API reference.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params ErrorCode[] codes) =>
        route.WithMetadata(new ProblemCodes(codes));

    /// <summary>Shows in the API reference that a route accepts credentials of a scheme and does not require them.</summary>
    public static RouteHandlerBuilder WithOptionalCredentials(this RouteHandlerBuilder route, string scheme) =>
        route.WithMetadata(new TakesCredentials(scheme, IsOptional: true));

    /// <summary>Documents credentials that a route requires and checks itself.</summary>
    public static RouteHandlerBuilder WithCredentials(this RouteHandlerBuilder route, string scheme) =>
        route.WithMetadata(new TakesCredentials(scheme, IsOptional: false));
}

/// <summary>The scheme of credentials that a route accepts; it may do without them if they are optional.</summary>
internal sealed record TakesCredentials(string Scheme, bool IsOptional);
