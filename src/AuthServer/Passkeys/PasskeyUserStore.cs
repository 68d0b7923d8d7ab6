using AuthServer.Storage;
using Microsoft.AspNetCore.Identity;
using IdentityResult = Microsoft.AspNetCore.Identity.IdentityResult;

namespace AuthServer.Passkeys;

/// <summary>
/// Accounts and passkeys as the framework's handler looks them up, for one ceremony. It writes nothing: a change is made in the
/// transaction of what it leads to. Not safe to share.
/// </summary>
internal sealed class PasskeyUserStore(PasskeyStore passkeys) : IUserPasskeyStore<UserRow>
{
    /// <summary>The passkey of the user that was found; null if none was.</summary>
    public PasskeyRow? Found { get; private set; }

    public async Task<UserRow?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Guid.TryParseExact(userId, "D", out var id) ? await passkeys.FindOwnerAsync(id, cancellationToken) : null;

    public async Task<UserRow?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await passkeys.FindAsync(credentialId, cancellationToken) is { } row
            ? await passkeys.FindOwnerAsync(row.UserId, cancellationToken)
            : null;

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(
        UserRow user, byte[] credentialId, CancellationToken cancellationToken)
    {
        if (await passkeys.FindAsync(credentialId, cancellationToken) is not { } row || row.UserId != user.Id)
        {
            return null;
        }

        Found = row;
        return InfoOf(row);
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(UserRow user, CancellationToken cancellationToken) =>
        [.. (await passkeys.ListAsync(user.Id, cancellationToken)).Select(InfoOf)];

    public Task<string> GetUserIdAsync(UserRow user, CancellationToken cancellationToken) => Task.FromResult($"{user.Id}");

    public Task<string?> GetUserNameAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.Username);

    public Task<string?> GetNormalizedUserNameAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.NormalizedUsername);

    public Task<UserRow?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task AddOrUpdatePasskeyAsync(UserRow user, UserPasskeyInfo passkey, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RemovePasskeyAsync(UserRow user, byte[] credentialId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetUserNameAsync(UserRow user, string? userName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(UserRow user, string? normalizedName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(UserRow user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(UserRow user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(UserRow user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void Dispose()
    {
    }

    // Without its counter, which is compared in the transaction that writes it. A ceremony needs no attestation again.
    private static UserPasskeyInfo InfoOf(PasskeyRow row) => new(
        row.CredentialId,
        row.PublicKey,
        row.CreatedAt,
        signCount: 0,
        [.. row.Transports],
        isUserVerified: true,
        row.IsBackupEligible,
        row.IsBackedUp,
        attestationObject: [],
        clientDataJson: []);
}
