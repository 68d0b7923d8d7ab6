using System.Security.Cryptography;
using AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests.Support;

/// <summary>Rows of credentials that the only account of a database has, besides a password.</summary>
internal static class OwnRows
{
    public static async Task<int> AddAsync(AuthDbContext db, CancellationToken ct)
    {
        var user = await db.Users.SingleAsync(ct);
        user.Roles = ["editor"];
        var now = user.CreatedAt;
        db.Add(new TotpRow
        {
            UserId = user.Id,
            RootKey = 1,
            Sealed = RandomNumberGenerator.GetBytes(48),
            CreatedAt = now,
            ConfirmedAt = now,
        });
        db.AddRange(Enumerable.Range(0, 2).Select(_ => new RecoveryCodeRow
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            RootKey = 1,
            Sealed = RandomNumberGenerator.GetBytes(61),
        }));
        db.Add(new PasskeyRow
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            CredentialId = RandomNumberGenerator.GetBytes(32),
            PublicKey = RandomNumberGenerator.GetBytes(77),
            Name = "Phone",
            CreatedAt = now,
        });
        db.Add(new ExternalIdentityRow
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            Provider = "google",
            Subject = "subject-1",
            Name = "ada@example.com",
            CreatedAt = now,
        });
        return await db.SaveChangesAsync(ct);
    }
}
