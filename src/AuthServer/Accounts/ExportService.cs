using System.Text.Json;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Exports what is stored about accounts. Safe to share.</summary>
internal sealed class ExportService(ExportStore exports, TimeProvider clock)
{
    /// <summary>
    /// Records an export and reads the account. Its lists of any length are read while they are written. Null if there is no such
    /// account, or if the session has ended.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request; null for an operator at the command line.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work, and the lists.</param>
    public async Task<AccountExport?> BeginAsync(Guid userId, Guid? sessionId, ClientInfo client, CancellationToken ct)
    {
        if (await exports.BeginAsync(userId, sessionId, client, ct) is not { } rows)
        {
            return null;
        }

        var truncated = new List<string>();
        return new AccountExport(
            clock.GetUtcNow().UtcDateTime,
            Of(rows.User),
            [.. rows.GivenUpNames.Select(row => new ExportedName(row.Name, row.ReservedAt?.UtcDateTime))],
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
            NewestAsync("sessions", exports.ReadSessionsAsync(userId, ct).Select(Of), truncated),
            NewestAsync("mails", exports.ReadMailsAsync(userId, ct).Select(Of), truncated),
            NewestAsync("events", exports.ReadEventsAsync(userId, ct).Select(Of), truncated),
            truncated);
    }

    private static async IAsyncEnumerable<T> NewestAsync<T>(string name, IAsyncEnumerable<T> rows, List<string> truncated)
    {
        var count = 0;
        await foreach (var row in rows)
        {
            if (count++ == ExportStore.MaxRows)
            {
                truncated.Add(name);
                yield break;
            }

            yield return row;
        }
    }

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
        [.. AccessTokenClaims.AmrValues.Where(value => row.Methods.HasFlag(value.Method)).Select(value => value.Name)],
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
