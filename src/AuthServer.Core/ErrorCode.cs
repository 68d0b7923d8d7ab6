namespace AuthServer.Core;

/// <summary>Every reason to refuse a request. On the wire a code is its name in snake_case.</summary>
public enum ErrorCode
{
    /// <summary>A malformed body or a field that breaks its rule.</summary>
    InvalidRequest,

    /// <summary>Access and refresh token of different sessions.</summary>
    TokenMismatch,

    /// <summary>Unknown user, wrong password or disabled account, which are not told apart.</summary>
    InvalidCredentials,

    /// <summary>A private route without an access token. Source: RFC 6750 §3.1.</summary>
    AccessTokenMissing,

    /// <summary>The access token's life is over: the signal to refresh.</summary>
    AccessTokenExpired,

    /// <summary>Anything else that is wrong with an access token.</summary>
    AccessTokenInvalid,

    /// <summary>The token is in order, its session has ended.</summary>
    SessionEnded,

    /// <summary>A refresh without a refresh token.</summary>
    RefreshTokenMissing,

    /// <summary>A refresh token that is forged, malformed or unknown.</summary>
    RefreshTokenInvalid,

    /// <summary>The session's idle or absolute end is reached.</summary>
    RefreshTokenExpired,

    /// <summary>An old refresh token came back outside its grace. Source: RFC 9700 §4.14.2.</summary>
    RefreshTokenReused,

    /// <summary>The caller may not do this.</summary>
    Forbidden,

    /// <summary>The cookie, or its making, was asked for by a page that is not ours.</summary>
    CrossSite,

    /// <summary>New accounts are switched off.</summary>
    RegistrationClosed,

    /// <summary>There is no such thing here.</summary>
    NotFound,

    /// <summary>The user name is in use.</summary>
    UsernameTaken,

    /// <summary>Every allowed session of the user is in use.</summary>
    TooManySessions,

    /// <summary>The route exists, with other methods.</summary>
    MethodNotAllowed,

    /// <summary>The body is larger than the server reads.</summary>
    BodyTooLarge,

    /// <summary>The body is not JSON.</summary>
    UnsupportedMediaType,

    /// <summary>The client has used up its rate.</summary>
    TooManyRequests,

    /// <summary>A defect of the server.</summary>
    InternalError,

    /// <summary>The server can't answer just now; nothing was changed.</summary>
    Unavailable,
}
