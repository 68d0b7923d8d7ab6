using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests.Support;

/// <summary>Sessions in numbers that no test logs in for.</summary>
internal static class ManySessions
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Adds live sessions to the user of a device, each as old as that device's. Returns their ids, in order.</summary>
    public static async Task<List<Guid>> AddAsync(AuthServerApp app, LoggedInDevice device, int count)
    {
        var row = await app.RowOfAsync(device);
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(row.CreatedAt)).Order().ToList();
        await app.InDatabaseAsync(db =>
        {
            db.AddRange(ids.Select(id => new SessionRow
            {
                Id = id,
                UserId = row.UserId,
                CreatedAt = row.CreatedAt,
                RotatedAt = row.RotatedAt,
                AuthenticatedAt = row.AuthenticatedAt,
                Methods = AuthenticationMethods.Password,
            }));
            return db.SaveChangesAsync(Ct);
        });
        return ids;
    }

    /// <summary>Number of sessions of the user of a device that have not ended.</summary>
    public static async Task<int> LiveAsync(AuthServerApp app, LoggedInDevice device)
    {
        var userId = device.Claims.GetProperty("sub").GetGuid();
        return await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.UserId == userId && s.EndedAt == null, Ct));
    }
}
