using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <summary>
/// The answer of a login, <c>/refresh</c>, <c>/password</c> and <c>/reauthenticate</c>. Prints no token.
/// </summary>
/// <param name="AccessToken">A JWT for private routes.</param>
/// <param name="ExpiresIn">Lifetime of the access token in seconds, counted from a whole second.</param>
/// <param name="RefreshToken">The token to get the next pair with.</param>
/// <param name="SessionId">The session's id.</param>
internal sealed record TokenPair(string AccessToken, int ExpiresIn, string RefreshToken, Guid SessionId)
{
    /// <summary>The device token, which is in a header; null for none.</summary>
    [JsonIgnore]
    public string? DeviceToken { get; init; }

    public StoredSession ToStored() => new(SessionId, RefreshToken);

    public override string ToString() => $"tokens of session {SessionId}";
}

/// <summary>An error. Source: RFC 9457.</summary>
internal sealed record ProblemBody(
    string Code,
    string? Detail = null,
    string? TraceId = null,
    string? Reason = null,
    string? Outcome = null,
    Dictionary<string, string[]>? Errors = null,
    string? Challenge = null,
    int? ExpiresIn = null,
    IReadOnlyList<string>? Methods = null)
{
    // Without the challenge.
    public override string ToString() => Code;
}

/// <summary>New recovery codes. Prints none.</summary>
internal sealed class RecoveryCodesBody(IReadOnlyList<string> recoveryCodes)
{
    public IReadOnlyList<string> RecoveryCodes => recoveryCodes;
}

// Bodies of requests are classes, because a record would print its members.
internal sealed class RegisterBody(string username, string password, string? email, string? displayName)
{
    public string Username => username;

    public string Password => password;

    public string? Email => email;

    public string? DisplayName => displayName;
}

internal sealed class PasswordEstimateBody(string password, string? username, string? email, string? displayName)
{
    public string Password => password;

    public string? Username => username;

    public string? Email => email;

    public string? DisplayName => displayName;
}

internal sealed class LoginBody(string username, string password, string? deviceName)
{
    public string Username => username;

    public string Password => password;

    public string? DeviceName => deviceName;
}

internal sealed class RefreshTokenBody(string refreshToken)
{
    public string RefreshToken => refreshToken;
}

internal sealed class SecondStepBody(string? challenge, string? code)
{
    public string? Challenge => challenge;

    public string? Code => code;
}

internal sealed class PasskeyStepBody(string challenge, string state, JsonElement credential)
{
    public string Challenge => challenge;

    public string State => state;

    public JsonElement Credential => credential;
}

internal sealed class RequiredBody(bool required)
{
    public bool Required => required;
}

internal sealed class PasswordBody(string? currentPassword, string newPassword, string? code, string? refreshToken)
{
    public string? CurrentPassword => currentPassword;

    public string NewPassword => newPassword;

    public string? Code => code;

    public string? RefreshToken => refreshToken;
}

/// <summary>A proof of who the user is, as given: a password, the code of a mail, or a passkey.</summary>
internal sealed class ReauthenticationProof
{
    public string? Password { get; init; }

    public string? MailCode { get; init; }

    public string? Code { get; init; }

    public string? State { get; init; }

    public JsonElement? Credential { get; init; }
}

internal sealed class ReauthenticationBody(ReauthenticationProof proof, string? refreshToken)
{
    public string? Password => proof.Password;

    public string? MailCode => proof.MailCode;

    public string? Code => proof.Code;

    public string? State => proof.State;

    public JsonElement? Credential => proof.Credential;

    public string? RefreshToken => refreshToken;
}

/// <summary>The proofs that a user can give. Prints no state.</summary>
internal sealed class ReauthenticationOptionsBody
{
    public required IReadOnlyList<string> Methods { get; init; }

    public required IReadOnlyList<string> SecondFactors { get; init; }

    public string? State { get; init; }

    public JsonElement? Options { get; init; }
}

internal sealed class AccountMailBody(string username)
{
    public string Username => username;
}

internal sealed class LinkBody(string token)
{
    public string Token => token;
}

internal sealed class LinkLoginBody(string token, string? deviceName)
{
    public string Token => token;

    public string? DeviceName => deviceName;
}

internal sealed class PasswordResetBody(string token, string newPassword)
{
    public string Token => token;

    public string NewPassword => newPassword;
}

internal sealed class EmailBody(string email)
{
    public string Email => email;
}

internal sealed class PasskeyBody(string state, JsonElement credential, string? name)
{
    public string State => state;

    public JsonElement Credential => credential;

    public string? Name => name;
}

internal sealed class PasskeyNameBody(string name)
{
    public string Name => name;
}

internal sealed class PasskeyLoginBody(string state, JsonElement credential, string? deviceName)
{
    public string State => state;

    public JsonElement Credential => credential;

    public string? DeviceName => deviceName;
}

/// <summary>JSON as the contract has it, without reflection. Unknown members are skipped.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenPair))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(DeviceSessionPage))]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(PasswordEstimateBody))]
[JsonSerializable(typeof(PasswordEstimate))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(RefreshTokenBody))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(ReauthenticationBody))]
[JsonSerializable(typeof(ReauthenticationOptionsBody))]
[JsonSerializable(typeof(AccountMailBody))]
[JsonSerializable(typeof(LinkBody))]
[JsonSerializable(typeof(LinkLoginBody))]
[JsonSerializable(typeof(PasswordResetBody))]
[JsonSerializable(typeof(EmailBody))]
[JsonSerializable(typeof(SecondStepBody))]
[JsonSerializable(typeof(PasskeyStepBody))]
[JsonSerializable(typeof(RequiredBody))]
[JsonSerializable(typeof(RecoveryCodesBody))]
[JsonSerializable(typeof(SecondFactorList))]
[JsonSerializable(typeof(TotpSecret))]
[JsonSerializable(typeof(PasskeyBody))]
[JsonSerializable(typeof(PasskeyNameBody))]
[JsonSerializable(typeof(PasskeyLoginBody))]
[JsonSerializable(typeof(PasskeyChallenge))]
[JsonSerializable(typeof(Passkey))]
[JsonSerializable(typeof(MailLink))]
[JsonSerializable(typeof(RegisteredUser))]
[JsonSerializable(typeof(CurrentUser))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(JsonDocument))]
[JsonSerializable(typeof(StoredSession))]
internal sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>A body of known length, which some proxies require.</summary>
    public static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> shape) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, shape))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") },
        };
}
