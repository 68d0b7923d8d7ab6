using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A session as its user sees it.</summary>
internal sealed record SessionView(
    Guid Id,
    string? DeviceName,
    string? UserAgent,
    string? IpAddress,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndedAt,
    EndReason? EndReason,
    AuthenticationMethods Methods)
{
    /// <summary>Shows a row. One whose lifetime is over has ended at that moment, swept or not.</summary>
    public static SessionView Of(SessionRow row, SessionPolicy policy, DateTimeOffset now)
    {
        var expiresAt = policy.ExpiryOf(row.CreatedAt, row.RotatedAt);
        var isOver = row.EndedAt is null && now >= expiresAt;
        return new SessionView(
            row.Id,
            row.DeviceName,
            row.UserAgent,
            row.IpAddress,
            row.CreatedAt,
            row.RotatedAt,
            expiresAt,
            isOver ? expiresAt : row.EndedAt,
            isOver ? Core.EndReason.Expired : row.EndReason,
            row.Methods);
    }
}

/// <summary>A page of a user's sessions.</summary>
/// <param name="Sessions">The sessions of the page.</param>
/// <param name="Total">Number of sessions on all pages.</param>
/// <param name="Next">The <see cref="SessionCursor"/> that the next page begins after, as text; null on the last page.</param>
internal sealed record SessionPageView(IReadOnlyList<SessionView> Sessions, int Total, string? Next);
