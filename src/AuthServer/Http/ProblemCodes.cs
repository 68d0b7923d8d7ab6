using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>The codes that a route answers with, beside those of every route of its kind.</summary>
internal sealed record ProblemCodes(IReadOnlyList<ErrorCode> Codes);

internal static class ProblemCodesExtensions
{
    /// <summary>Says in the API reference which errors a route has.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params ErrorCode[] codes) =>
        route.WithMetadata(new ProblemCodes(codes));

    /// <summary>Says in the API reference that a route takes credentials of a scheme, and does without.</summary>
    public static RouteHandlerBuilder WithOptionalCredentials(this RouteHandlerBuilder route, string scheme) =>
        route.WithMetadata(new OptionalCredentials(scheme));
}

/// <summary>The scheme of credentials that a route takes, and does without.</summary>
internal sealed record OptionalCredentials(string Scheme);
