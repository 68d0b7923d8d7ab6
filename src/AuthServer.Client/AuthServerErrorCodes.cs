namespace AuthServer.Client;

/// <summary>The codes of <see cref="AuthServerException.Code"/>. A newer server may have more.</summary>
/// <remarks>
/// Codes of the contract that this client can't cause are left out. It never presents two tokens (<c>token_mismatch</c>), uses no
/// cookies (<c>cross_site</c>), and builds its requests itself (<c>method_not_allowed</c>, <c>body_too_large</c> and
/// <c>unsupported_media_type</c>).
/// </remarks>
public static class AuthServerErrorCodes
{
    /// <summary>400: malformed, or a field breaks its rule; see <see cref="AuthServerException.Errors"/>.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>400: the link of a mail is none of the server's, was used, or is over.</summary>
    public const string LinkInvalid = "link_invalid";

    /// <summary>401: unknown user, wrong password or disabled account.</summary>
    public const string InvalidCredentials = "invalid_credentials";

    /// <summary>401: there is no session.</summary>
    public const string AccessTokenMissing = "access_token_missing";

    /// <summary>401: the access token has expired, and a fresh one was refused as well.</summary>
    public const string AccessTokenExpired = "access_token_expired";

    /// <summary>401: the access token is not one of the server's.</summary>
    public const string AccessTokenInvalid = "access_token_invalid";

    /// <summary>401: the session has ended; <see cref="AuthServerException.Reason"/> says why.</summary>
    public const string SessionEnded = "session_ended";

    /// <summary>401: no refresh token was presented.</summary>
    public const string RefreshTokenMissing = "refresh_token_missing";

    /// <summary>401: the refresh token is forged, malformed or unknown.</summary>
    public const string RefreshTokenInvalid = "refresh_token_invalid";

    /// <summary>401: the session was idle for too long, or has reached its absolute end.</summary>
    public const string RefreshTokenExpired = "refresh_token_expired";

    /// <summary>401: an old refresh token was presented that can't be a retry, so the server ended the session.</summary>
    public const string RefreshTokenReused = "refresh_token_reused";

    /// <summary>403: the account has no permission for the request.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>403: the user has to prove again who they are.</summary>
    public const string ReauthenticationRequired = "reauthentication_required";

    /// <summary>401: the request needs a second factor too. A login and a new proof don't throw it, but return it.</summary>
    public const string SecondFactorRequired = "second_factor_required";

    /// <summary>401: the code is wrong or was used, or the login was begun too long ago.</summary>
    public const string SecondFactorInvalid = "second_factor_invalid";

    /// <summary>403: a role needs a second factor, which is not set up. A login does not throw it, but returns it.</summary>
    public const string SecondFactorSetupRequired = "second_factor_setup_required";

    /// <summary>403: the address of the account is not verified, which the server requires. The link was mailed again.</summary>
    public const string EmailUnverified = "email_unverified";

    /// <summary>403: registration is closed.</summary>
    public const string RegistrationClosed = "registration_closed";

    /// <summary>404: unknown, or not the caller's.</summary>
    public const string NotFound = "not_found";

    /// <summary>409: another account has the user name.</summary>
    public const string UsernameTaken = "username_taken";

    /// <summary>409: another account has verified the address.</summary>
    public const string EmailTaken = "email_taken";

    /// <summary>409: without it, nothing would be left to log in with.</summary>
    public const string LastCredential = "last_credential";

    /// <summary>409: the server would have no administrator left.</summary>
    public const string LastAdmin = "last_admin";

    /// <summary>409: the account has as many sessions as it may have.</summary>
    public const string TooManySessions = "too_many_sessions";

    /// <summary>429: wait as long as <see cref="AuthServerException.RetryAfter"/> says.</summary>
    public const string TooManyRequests = "too_many_requests";

    /// <summary>500: a defect of the server; <see cref="AuthServerException.TraceId"/> finds it in the server's log.</summary>
    public const string InternalError = "internal_error";

    /// <summary>
    /// 503: the database is away, too busy or damaged. Nothing was changed, unless <see cref="AuthServerException.Outcome"/> is
    /// <c>unknown</c>.
    /// </summary>
    public const string Unavailable = "unavailable";

    /// <summary>Made by this client: the answer is not the server's, but a proxy's or a captive portal's.</summary>
    public const string UnexpectedAnswer = "unexpected_answer";
}
