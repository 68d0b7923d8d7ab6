using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>The codes that a route answers with, beside those of every route of its kind.</summary>
internal sealed record ProblemCodes(IReadOnlyList<ErrorCode> Codes);

internal static class ProblemCodesExtensions
{
    /// <summary>Says in the API reference which errors a route has.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params ErrorCode[] codes) =>
        route.WithMetadata(new ProblemCodes(codes));
}
