using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>The way of a change of credentials from its caller to the database and back. Safe to share.</summary>
internal sealed class CredentialChangeService(TokenPairIssuer tokens)
{
    /// <summary>The change that a caller asks for.</summary>
    public static CredentialChange ChangeBy(ChangingCaller caller) =>
        new(caller.UserId, caller.SessionId, PresentedSecret.OfHandle(caller.Handle?.Epoch), caller.Client);

    /// <summary>The refusal of a change; null if it was made.</summary>
    public static Refusal? RefusalOf(SessionProofResult result) => result switch
    {
        SessionProofUsed => null,
        PresentedTokenRefused refused => RefreshService.RefusalOf(refused.Decision),
        SessionProofUsedUp usedUp => new(usedUp.Code),
        AskingSessionEnded ended => new(ErrorCode.SessionEnded, ended.Reason),
        ChangeRefused { Reason: ChangeRefusal.NotFound } => new(ErrorCode.NotFound),
        ChangeRefused { Reason: ChangeRefusal.Last } => new(ErrorCode.LastCredential),
        _ => new(ErrorCode.SessionInvalid),
    };

    /// <summary>The new handle of the session, null if it has tokens; or the refusal of the change.</summary>
    public Outcome<SessionHandleValue?> Answer(SessionProofResult result) => RefusalOf(result) is { } refusal
        ? refusal
        : ((SessionProofUsed)result).Grant is { } grant ? tokens.Issue(grant, SessionKind.Cookie).Handle : null;
}
