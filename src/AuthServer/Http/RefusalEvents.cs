using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Http;

/// <summary>
/// Counts the errors that are security events. Those of which a service or the check of origins knows more are counted there.
/// </summary>
internal sealed class RefusalEvents(IEventCounter events) : IRefusalListener
{
    public void OnRefused(HttpContext context, Refusal refusal)
    {
        if (KindOf(refusal.Code) is { } kind)
        {
            var caller = context.Features.Get<Caller>();
            events.Count(new SecurityEvent(kind, context.ClientInfo(), caller?.UserId) { Detail = Describe(refusal) });
        }
    }

    private static EventKind? KindOf(ErrorCode code) => code switch
    {
        ErrorCode.InvalidRequest or ErrorCode.BodyTooLarge or ErrorCode.UnsupportedMediaType => EventKind.RequestInvalid,
        ErrorCode.TokenMismatch or ErrorCode.AccessTokenInvalid or ErrorCode.RefreshTokenInvalid => EventKind.TokenRejected,
        ErrorCode.RegistrationClosed or ErrorCode.UsernameTaken => EventKind.RegistrationRefused,
        ErrorCode.Forbidden => EventKind.Forbidden,
        ErrorCode.TooManyRequests => EventKind.RateLimited,
        _ => null,
    };

    // The fields are ours: unknown members of a body are not repeated.
    private static string Describe(Refusal refusal) =>
        string.Join(' ', (refusal.Errors?.Keys ?? []).Prepend(AuthProblems.Name(refusal.Code)));
}
