using System.Collections.Immutable;

namespace AuthServer.Core.Tests;

/// <summary>A store of sessions that can lose what was written last, as one does that fails over.</summary>
internal sealed class Store
{
    private readonly List<ImmutableDictionary<Guid, SessionState>> commits = [ImmutableDictionary<Guid, SessionState>.Empty];

    /// <summary>How many commits there are, those before everything included.</summary>
    public int Count => commits.Count;

    /// <summary>A session as it is now; null where the store does not know it.</summary>
    public SessionState? Find(Guid id) => commits[^1].TryGetValue(id, out var session) ? session : null;

    public void Commit(Guid id, SessionState session) => commits.Add(commits[^1].SetItem(id, session));

    /// <summary>Forgets the newest commits, which never come back.</summary>
    public void Lose(int count)
    {
        var lost = Math.Min(count, commits.Count - 1);
        commits.RemoveRange(commits.Count - lost, lost);
    }
}
