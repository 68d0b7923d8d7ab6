using System.Text.Json.Serialization;

namespace AuthServer.Accounts;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(Registered))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(PasswordEstimateRequest))]
[JsonSerializable(typeof(PasswordEstimate))]
[JsonSerializable(typeof(ReauthenticationRequest))]
[JsonSerializable(typeof(ReauthenticationOptions))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(EmailRequest))]
[JsonSerializable(typeof(AccountMailRequest))]
[JsonSerializable(typeof(MailLinkRequest))]
[JsonSerializable(typeof(PasswordResetRequest))]
[JsonSerializable(typeof(MailLoginRequest))]
[JsonSerializable(typeof(InspectedLink))]
[JsonSerializable(typeof(ProfileRequest))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(AccountExport))]
internal sealed partial class AccountsJson : JsonSerializerContext;
