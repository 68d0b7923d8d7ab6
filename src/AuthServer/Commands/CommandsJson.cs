using System.Text.Json.Serialization;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary>An event as JSON.</summary>
internal sealed record EventLine(
    long Id,
    DateTime At,
    string Kind,
    int Count,
    Guid? UserId,
    string? Username,
    Guid? SessionId,
    string? Reason,
    string? IpAddress,
    string? UserAgent,
    string? Network,
    string? Detail)
{
    public static EventLine Of(EventView view) => new(
        view.Row.Id,
        view.Row.At.UtcDateTime,
        EventKinds.NameOf(view.Row.Kind),
        view.Row.Count,
        view.Row.UserId,
        view.Username,
        view.Row.SessionId,
        Lists.NameOf(view.Row.Reason),
        view.Row.IpAddress,
        view.Row.UserAgent,
        view.Row.Network,
        view.Row.Detail);
}

/// <summary>A session as JSON.</summary>
internal sealed record SessionLine(
    Guid Id,
    string Username,
    string? DeviceName,
    string? UserAgent,
    string? IpAddress,
    DateTime CreatedAt,
    DateTime LastUsedAt,
    DateTime ExpiresAt,
    DateTime? EndedAt,
    string? EndReason)
{
    public static SessionLine Of(OwnedSessionView view) => new(
        view.Session.Id,
        view.Username,
        view.Session.DeviceName,
        view.Session.UserAgent,
        view.Session.IpAddress,
        view.Session.CreatedAt.UtcDateTime,
        view.Session.LastUsedAt.UtcDateTime,
        view.Session.ExpiresAt.UtcDateTime,
        view.Session.EndedAt?.UtcDateTime,
        Lists.NameOf(view.Session.EndReason));
}

/// <summary>An account as JSON. A list has no numbers, and no last login.</summary>
internal sealed record AccountLine(
    Guid Id,
    string Username,
    string? DisplayName,
    string? Email,
    IReadOnlyList<string> Roles,
    bool Disabled,
    DateTime CreatedAt,
    int? LiveSessions = null,
    DateTime? LastLoginAt = null,
    int? FailedLoginsInDay = null)
{
    public static AccountLine Of(UserRow user) => new(
        user.Id,
        user.Username,
        user.DisplayName,
        user.Email,
        user.Roles,
        user.Disabled,
        user.CreatedAt.UtcDateTime);

    public static AccountLine Of(AccountView view) => Of(view.User) with
    {
        LiveSessions = view.LiveSessions,
        LastLoginAt = view.LastLoginAt?.UtcDateTime,
        FailedLoginsInDay = view.RecentFailures,
    };
}

/// <summary>A mail as JSON.</summary>
internal sealed record MailLine(
    Guid Id,
    string Kind,
    string State,
    Guid UserId,
    string? Address,
    DateTime CreatedAt,
    DateTime DueAt,
    int Attempts,
    string? Problem)
{
    public static MailLine Of(MailRow mail) => new(
        mail.Id,
        MailKinds.NameOf(mail.Kind),
        Lists.NameOf(mail.State)!,
        mail.UserId,
        mail.Address,
        mail.CreatedAt.UtcDateTime,
        mail.DueAt.UtcDateTime,
        mail.Attempts,
        mail.Problem);
}

/// <summary>The objects of <c>--json</c>, described at build time. The encoder escapes all that a terminal could obey.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(SessionLine))]
[JsonSerializable(typeof(AccountLine))]
[JsonSerializable(typeof(MailLine))]
internal sealed partial class CommandsJson : JsonSerializerContext;
