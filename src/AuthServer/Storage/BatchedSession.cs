namespace AuthServer.Storage;

/// <summary>A session and its user as a batch has read them. Commands change the row, each as the one before left it.</summary>
internal sealed class BatchedSession(SessionRow row, UserFacts user)
{
    private readonly (uint Generation, DateTimeOffset? EndedAt) read = (row.Generation, row.EndedAt);

    public SessionRow Row => row;

    public UserFacts User => user;

    /// <summary>Whether there is something to write.</summary>
    public bool IsChanged => (row.Generation, row.EndedAt) != read;
}
