using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Sessions;

/// <summary>
/// Knows proofs that are newer than the access token of a caller, or than the last reading of a session by its cookie.
/// </summary>
internal sealed class LastProofs(LastProofService proofs) : IProofSource
{
    public async ValueTask<Outcome<DateTimeOffset>> FindAsync(HttpContext context)
    {
        var sessionId = context.Features.Get<Caller>()!.SessionId;
        return await proofs.FindAsync(sessionId, CookieCallers.HandleOf(context), context.RequestAborted);
    }

    public IResult AnswerOf(Refusal refusal) => AuthProblems.From(refusal);
}
