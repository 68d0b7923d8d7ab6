using System.Collections.Immutable;

namespace AuthServer.Core.Tests;

/// <summary>A store of sessions that can lose its newest writes, as a failover does.</summary>
internal sealed class Store
{
    private readonly List<ImmutableDictionary<Guid, SessionState>> commits = [ImmutableDictionary<Guid, SessionState>.Empty];

    /// <summary>Number of commits, the empty first one included.</summary>
    public int Count => commits.Count;

    /// <summary>Number of times that commits were lost.</summary>
    public int Losses { get; private set; }

    /// <summary>A session as stored; null if the store does not know it.</summary>
    public SessionState? Find(Guid id) => commits[^1].TryGetValue(id, out var session) ? session : null;

    public void Commit(Guid id, SessionState session) => commits.Add(commits[^1].SetItem(id, session));

    /// <summary>Loses the newest commits for good.</summary>
    public void Lose(int count)
    {
        var lost = Math.Min(count, commits.Count - 1);
        commits.RemoveRange(commits.Count - lost, lost);
        Losses++;
    }
}
