using System.Collections.Concurrent;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>Counts answers, and records what must not happen. Thread-safe.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<string> violations = [];
    private int answers;
    private int retries;

    /// <summary>Number of answers.</summary>
    public int Answers => Volatile.Read(ref answers);

    /// <summary>Number of attempts without an answer, or with one that asks to try again.</summary>
    public int Retries => Volatile.Read(ref retries);

    /// <summary>The records, each with its kind.</summary>
    public IReadOnlyCollection<string> Violations => violations;

    public void CountAnswer() => Interlocked.Increment(ref answers);

    public void CountRetry() => Interlocked.Increment(ref retries);

    /// <summary>Records an acknowledged effect that is not there.</summary>
    public void Lost(string effect) => violations.Enqueue("lost: " + effect);

    /// <summary>Records a success that was answered and is none.</summary>
    public void FalseSuccess(string success) => violations.Enqueue("false success: " + success);

    /// <summary>Records that a client that follows the rules was logged out.</summary>
    public void FalseLogout(string logout) => violations.Enqueue("false logout: " + logout);

    /// <summary>Records an answer that the contract does not allow there.</summary>
    public void Unexpected(string answer) => violations.Enqueue("unexpected: " + answer);
}
