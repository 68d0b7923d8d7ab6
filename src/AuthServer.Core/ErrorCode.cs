namespace AuthServer.Core;

/// <summary>Reasons to refuse a request. On the wire a code is its name in snake_case.</summary>
public enum ErrorCode
{
    /// <summary>A malformed body or a field that breaks its rule.</summary>
    InvalidRequest,

    /// <summary>An access token beside a refresh token that is not ours, or not of its session.</summary>
    TokenMismatch,

    /// <summary>Unknown user, wrong password or disabled account: indistinguishable to the client.</summary>
    InvalidCredentials,

    /// <summary>A private route without an access token. Source: RFC 6750 §3.1.</summary>
    AccessTokenMissing,

    /// <summary>An access token that has expired: the signal to refresh.</summary>
    AccessTokenExpired,

    /// <summary>An access token that is invalid for any other reason.</summary>
    AccessTokenInvalid,

    /// <summary>A valid token of a session that has ended.</summary>
    SessionEnded,

    /// <summary>A session cookie that is forged, or from before a change of credentials.</summary>
    SessionInvalid,

    /// <summary>A refresh without a refresh token.</summary>
    RefreshTokenMissing,

    /// <summary>A refresh token that is forged, malformed or unknown.</summary>
    RefreshTokenInvalid,

    /// <summary>A refresh token of a session that has reached its idle or absolute end.</summary>
    RefreshTokenExpired,

    /// <summary>An old refresh token that can't be a retry. Source: RFC 9700 §4.14.2.</summary>
    RefreshTokenReused,

    /// <summary>The token of a mail that is unknown, has been used or is over.</summary>
    LinkInvalid,

    /// <summary>A login that was right so far, and needs a second factor.</summary>
    SecondFactorRequired,

    /// <summary>A code that is wrong or was used, or a challenge that is over.</summary>
    SecondFactorInvalid,

    /// <summary>A login by another provider that was refused, or that can't be trusted.</summary>
    ExternalLoginFailed,

    /// <summary>A request that its caller has no permission for.</summary>
    Forbidden,

    /// <summary>A request that needs a more recent proof of who the user is.</summary>
    ReauthenticationRequired,

    /// <summary>A login to an account whose address is not verified, which the server requires.</summary>
    EmailUnverified,

    /// <summary>A login of a user whose roles need a second factor, which is not set up.</summary>
    SecondFactorSetupRequired,

    /// <summary>A request of a foreign page that uses or sets a cookie.</summary>
    CrossSite,

    /// <summary>New accounts are switched off.</summary>
    RegistrationClosed,

    /// <summary>The route or the resource does not exist.</summary>
    NotFound,

    /// <summary>The user name is in use.</summary>
    UsernameTaken,

    /// <summary>Another account has verified the address.</summary>
    EmailTaken,

    /// <summary>Without it the account would have nothing left to log in with.</summary>
    LastCredential,

    /// <summary>Without the account no administrator would be left.</summary>
    LastAdmin,

    /// <summary>Every allowed session of the user is in use.</summary>
    TooManySessions,

    /// <summary>A method that the route does not have.</summary>
    MethodNotAllowed,

    /// <summary>A body larger than the server reads.</summary>
    BodyTooLarge,

    /// <summary>A body that is not JSON.</summary>
    UnsupportedMediaType,

    /// <summary>The client has exceeded its rate limit.</summary>
    TooManyRequests,

    /// <summary>A defect of the server.</summary>
    InternalError,

    /// <summary>The server can't answer at the moment. Nothing was changed, unless the outcome is unknown.</summary>
    Unavailable,
}
