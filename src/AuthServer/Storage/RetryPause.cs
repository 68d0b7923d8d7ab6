namespace AuthServer.Storage;

/// <summary>Pauses between attempts at what a concurrent transaction has locked or changed first.</summary>
internal static class RetryPause
{
    /// <summary>Long enough for most transactions to end.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after another: twice as long, up to 100 ms.</summary>
    public static TimeSpan After(TimeSpan pause) => pause * 2 < Longest ? pause * 2 : Longest;
}
