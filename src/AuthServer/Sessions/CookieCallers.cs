using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Sessions;

/// <summary>Knows the callers of private routes by the session cookie.</summary>
internal sealed class CookieCallers(SessionCookie cookie, HandleService handles) : ICallerSource
{
    /// <summary>The handle that the caller of a private route is known by; null if there was an access token instead.</summary>
    public static SessionHandle? HandleOf(HttpContext context) => context.Features.Get<PresentedHandle>()?.Handle;

    public async ValueTask<Outcome<ValidatedToken>?> FindAsync(HttpContext context)
    {
        // The answer is for the browser of this cookie alone, or of none.
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Cookie);
        if (cookie.Of(context.Request) is not { } text)
        {
            return null;
        }

        if (!TrustedOrigins.MayUseCookie(context.Request))
        {
            return ErrorCode.CrossSite;
        }

        if (handles.Read(text) is not { } handle)
        {
            // An old one is left: its browser may have the new one by now, and would lose that instead.
            cookie.Expire(context.Response);
            return ErrorCode.SessionInvalid;
        }

        context.Features.Set(handle);
        return await handles.FindAsync(handle, context.ClientInfo);
    }

    public IResult AnswerOf(Refusal refusal) => AuthProblems.From(refusal);
}
