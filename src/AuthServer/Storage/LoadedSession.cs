using AuthServer.Core;
namespace AuthServer.Storage;

/// <summary>A session and its user as a batch has read them. Commands change the row, each as the one before left it.</summary>
internal sealed class LoadedSession(SessionRow row, TokenSubject user)
{
    private readonly bool hadEnded = row.EndedAt is not null;

    /// <summary>The generation that was read, which what is written is conditional on where others write too.</summary>
    public uint ReadGeneration { get; } = row.Generation;

    public SessionRow Row => row;

    public TokenSubject User => user;

    /// <summary>Whether there is something to write. A session that had ended when it was read never changes again.</summary>
    public bool IsChanged => row.Generation != ReadGeneration || (row.EndedAt is not null && !hadEnded);
}
