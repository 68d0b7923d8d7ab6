using AuthServer.Core;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>
/// Knows the callers of requests without <c>Authorization</c> by something else. A program without one pays nothing.
/// </summary>
internal interface ICallerSource
{
    /// <summary>Finds the caller of a request for a private route. Null if the request has nothing of this source.</summary>
    ValueTask<Outcome<ValidatedToken>?> FindAsync(HttpContext context);

    /// <summary>The answer for a refusal of this source.</summary>
    IResult AnswerOf(Refusal refusal);
}

/// <summary>Carries the answer for a refused request from its authentication or authorization to the challenge.</summary>
/// <param name="Answer">The answer.</param>
internal sealed record RefusedCaller(IResult Answer);
