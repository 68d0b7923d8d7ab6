using System.Text.Json.Serialization;

namespace AuthServer.Accounts;

/// <summary>Everything that is stored about an account, except its secrets.</summary>
/// <param name="ExportedAt">The moment of the export.</param>
/// <param name="Account">The account.</param>
/// <param name="GivenUpNames">The user names that it has given up, the oldest first. They stay reserved.</param>
/// <param name="ExternalLogins">The identities at other providers, the oldest first.</param>
/// <param name="Passkeys">The passkeys, the oldest first, without their keys.</param>
/// <param name="AuthenticatorApp">The authenticator app; null if there is none.</param>
/// <param name="RecoveryCodesLeft">Number of recovery codes that are left.</param>
/// <param name="Sessions">The newest sessions, live and ended.</param>
/// <param name="Mails">The newest mails of the last days.</param>
/// <param name="Events">The newest security events.</param>
/// <param name="Truncated">The names of those lists that lack older items. It is complete, and written, after them.</param>
internal sealed record AccountExport(
    DateTime ExportedAt,
    ExportedAccount Account,
    IReadOnlyList<ExportedName> GivenUpNames,
    IReadOnlyList<ExportedIdentity> ExternalLogins,
    IReadOnlyList<ExportedPasskey> Passkeys,
    ExportedApp? AuthenticatorApp,
    int RecoveryCodesLeft,
    IAsyncEnumerable<ExportedSession> Sessions,
    IAsyncEnumerable<ExportedMail> Mails,
    IAsyncEnumerable<ExportedEvent> Events,
    [property: JsonPropertyOrder(1)] IReadOnlyList<string> Truncated);

/// <summary>An account as it is exported.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The user name.</param>
/// <param name="DisplayName">The display name.</param>
/// <param name="Email">The address.</param>
/// <param name="EmailVerified">True if the address is verified.</param>
/// <param name="Locale">The language of mails.</param>
/// <param name="Roles">The roles.</param>
/// <param name="HasPassword">True if the user can log in by a password.</param>
/// <param name="SecondFactorRequired">True if a login needs a second factor.</param>
/// <param name="Disabled">True if the account is disabled.</param>
/// <param name="CreatedAt">The moment of the registration.</param>
internal sealed record ExportedAccount(
    Guid Id,
    string Username,
    string? DisplayName,
    string? Email,
    bool EmailVerified,
    string? Locale,
    IReadOnlyList<string> Roles,
    bool HasPassword,
    bool SecondFactorRequired,
    bool Disabled,
    DateTime CreatedAt);

/// <summary>A user name that was given up.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="ReservedAt">The moment from which it is reserved.</param>
internal sealed record ExportedName(string Name, DateTime? ReservedAt);

/// <summary>An identity at another provider as it is exported.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="Subject">The user's id at the provider.</param>
/// <param name="Name">The name or address that the provider last gave.</param>
/// <param name="CreatedAt">The moment when it was linked.</param>
internal sealed record ExportedIdentity(string Provider, string Subject, string? Name, DateTime CreatedAt);

/// <summary>A passkey as it is exported.</summary>
/// <param name="Name">The name that the user gave it.</param>
/// <param name="Synced">True if it has been copied to other devices.</param>
/// <param name="CreatedAt">The moment when it was added.</param>
/// <param name="LastUsedAt">The moment of its last use.</param>
internal sealed record ExportedPasskey(string Name, bool Synced, DateTime CreatedAt, DateTime? LastUsedAt);

/// <summary>An authenticator app as it is exported.</summary>
/// <param name="ConfirmedAt">The moment from which it counts.</param>
internal sealed record ExportedApp(DateTime ConfirmedAt);

/// <summary>A session as it is exported.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="UserAgent">The program of the login or the last use.</param>
/// <param name="IpAddress">The address of the login or the last use.</param>
/// <param name="CreatedAt">The moment of the login.</param>
/// <param name="LastUsedAt">The moment of the last refresh or the last written use of a cookie.</param>
/// <param name="AuthenticatedAt">The moment of the last proof of the user.</param>
/// <param name="Amr">The methods of that proof, as in the claim <c>amr</c>.</param>
/// <param name="EndedAt">The moment of its end.</param>
/// <param name="EndReason">The reason of its end.</param>
internal sealed record ExportedSession(
    Guid Id,
    string? DeviceName,
    string? UserAgent,
    string? IpAddress,
    DateTime CreatedAt,
    DateTime LastUsedAt,
    DateTime AuthenticatedAt,
    IReadOnlyList<string> Amr,
    DateTime? EndedAt,
    string? EndReason);

/// <summary>A mail as it is exported.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Address">The address that it is sent to.</param>
/// <param name="State">The state: waiting, sent, failed or used.</param>
/// <param name="Detail">The words of its text that are of this mail, such as a device.</param>
/// <param name="CreatedAt">The moment of what caused it.</param>
/// <param name="DueAt">The moment of the next attempt, or of the last one.</param>
internal sealed record ExportedMail(
    string Kind, string Address, string State, string? Detail, DateTime CreatedAt, DateTime DueAt);

/// <summary>A security event as it is exported.</summary>
/// <param name="At">The moment; for counted events the minute.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Count">Number of times.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Reason">The reason of a session's end.</param>
/// <param name="IpAddress">The address of the request.</param>
/// <param name="UserAgent">The program of the request.</param>
/// <param name="Detail">A few words on the change.</param>
internal sealed record ExportedEvent(
    DateTime At,
    string Kind,
    int Count,
    Guid? SessionId,
    string? Reason,
    string? IpAddress,
    string? UserAgent,
    string? Detail);

/// <summary>The file of an export, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(AccountExport))]
internal sealed partial class ExportJson : JsonSerializerContext;
