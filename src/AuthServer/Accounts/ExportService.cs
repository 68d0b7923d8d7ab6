using System.Text.Json;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Exports what is stored about accounts. Safe to share.</summary>
internal sealed class ExportService(ExportStore exports, TimeProvider clock)
{
    /// <summary>
    /// Reads an account. Its lists of any length are read while they are written. Null if there is no such account.
    /// </summary>
    public async Task<AccountExport?> FindAsync(Guid userId, CancellationToken ct) =>
        await exports.FindAsync(userId, ct) is { } rows
            ? new AccountExport(
                clock.GetUtcNow().UtcDateTime,
                Of(rows.User),
                [.. rows.GivenUpNames.Select(row => new ExportedName(row.Name, row.ReservedAt.UtcDateTime))],
                [
                    .. rows.Identities.Select(row => new ExportedIdentity(
                        row.Provider, row.Subject, row.Name, row.CreatedAt.UtcDateTime)),
                ],
                [
                    .. rows.Passkeys.Select(row => new ExportedPasskey(
                        row.Name, row.IsBackedUp, row.CreatedAt.UtcDateTime, row.LastUsedAt?.UtcDateTime)),
                ],
                rows.AppConfirmedAt is { } at ? new ExportedApp(at.UtcDateTime) : null,
                rows.RecoveryCodes,
                exports.ReadSessionsAsync(userId, ct).Select(Of),
                exports.ReadMailsAsync(userId, ct).Select(Of),
                exports.ReadEventsAsync(userId, ct).Select(Of))
            : null;

    private static ExportedAccount Of(UserRow user) => new(
        user.Id,
        user.Username,
        user.DisplayName,
        user.Email,
        user.VerifiedEmail is not null,
        user.Locale,
        user.Roles,
        user.HasPassword,
        user.SecondFactorRequired,
        user.Disabled,
        user.CreatedAt.UtcDateTime);

    private static ExportedSession Of(SessionRow row) => new(
        row.Id,
        row.DeviceName,
        row.UserAgent,
        row.IpAddress,
        row.CreatedAt.UtcDateTime,
        row.RotatedAt.UtcDateTime,
        row.AuthenticatedAt.UtcDateTime,
        row.EndedAt?.UtcDateTime,
        NameOf(row.EndReason));

    private static ExportedMail Of(MailRow row) => new(
        MailKinds.NameOf(row.Kind),
        row.Address,
        NameOf(row.State)!,
        row.Detail,
        row.CreatedAt.UtcDateTime,
        row.DueAt.UtcDateTime);

    private static ExportedEvent Of(EventRow row) => new(
        row.At.UtcDateTime,
        EventKinds.NameOf(row.Kind),
        row.Count,
        row.SessionId,
        NameOf(row.Reason),
        row.IpAddress,
        row.UserAgent,
        row.Detail);

    private static string? NameOf(Enum? value) =>
        value is null ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
