using AuthServer.Core;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>
/// Knows proofs that are newer than the access tokens of their sessions. A program without one goes by the token alone.
/// </summary>
internal interface IProofSource
{
    /// <summary>
    /// Finds the moment of the last proof in the session of the caller. Refuses if the session is over, or the caller is none of
    /// it any more.
    /// </summary>
    ValueTask<Outcome<DateTimeOffset>> FindAsync(HttpContext context);

    /// <summary>The answer for a refusal of this source.</summary>
    IResult AnswerOf(Refusal refusal);
}
