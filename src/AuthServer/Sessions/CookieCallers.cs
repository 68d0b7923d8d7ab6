using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Observability;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Sessions;

/// <summary>Knows the callers of private routes by the session cookie.</summary>
internal sealed class CookieCallers(SessionCookie cookie, HandleService handles, IEventCounter events) : ICallerSource
{
    /// <summary>The handle that the caller of a private route is known by; null if there was an access token instead.</summary>
    public static SessionHandle? HandleOf(HttpContext context) => context.Features.Get<PresentedHandle>()?.Handle;

    /// <summary>The caller of a private route that changes credentials.</summary>
    public static ChangingCaller ChangerOf(Caller caller, HttpContext context) =>
        new(caller.UserId, caller.SessionId, HandleOf(context), context.ClientInfo());

    public async ValueTask<Outcome<ValidatedToken>?> FindAsync(HttpContext context)
    {
        // A cache must not give the answer to a browser with another cookie, or with none.
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Cookie);
        var texts = cookie.Of(context.Request);
        if (texts.Count == 0)
        {
            return null;
        }

        if (!TrustedOrigins.MayUseCookie(context.Request))
        {
            return ErrorCode.CrossSite;
        }

        // Another host of the domain, or a setting of before, may have left a cookie that is not accepted.
        Outcome<ValidatedToken>? refused = null;
        foreach (var text in texts)
        {
            if (handles.Read(text) is { } handle)
            {
                var found = await handles.FindAsync(handle, context.ClientInfo);
                if (found.Refusal is null)
                {
                    context.Features.Set(handle);
                    return found;
                }

                refused ??= found;
            }
        }

        if (refused is null)
        {
            // An old one is left: its browser may have the new one by now, and would lose that instead.
            cookie.Expire(context.Response);
            events.Count(new SecurityEvent(EventKind.TokenRejected, context.ClientInfo())
            {
                Detail = AuthProblems.Name(ErrorCode.SessionInvalid),
            });
        }

        return refused ?? ErrorCode.SessionInvalid;
    }

    public IResult AnswerOf(Refusal refusal) => AuthProblems.From(refusal);
}
