using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>
/// A session and its user as one transaction has loaded them. Only that <see cref="WriteTransaction"/> changes it.
/// </summary>
internal sealed class LoadedSession(SessionRow row, TokenSubject user)
{
    /// <summary>The generation that was loaded. A write is conditional on it if other nodes write too.</summary>
    public uint LoadedGeneration { get; } = row.Generation;

    public SessionRow Row => row;

    public TokenSubject User => user;

    /// <summary>True if there is something to write.</summary>
    public bool IsChanged { get; set; }

    /// <summary>The changes of the transaction that loaded it, which alone may change it.</summary>
    public SessionChanges? Owner { get; set; }
}
