using System.Collections.Concurrent;

namespace AuthServer.Bearer;

/// <summary>
/// Values of access tokens by their text. Holds two generations of tokens. The older one is evicted when the younger is full or
/// as old as a token can become. In the second case all its tokens have expired. Safe to share.
/// </summary>
/// <typeparam name="T">The value of a token.</typeparam>
/// <param name="lifetime">The longest life of a token.</param>
/// <param name="clock">The clock.</param>
/// <param name="generationSize">Most tokens of a generation. Each takes some kilobytes if it has claims.</param>
internal abstract class TokenCache<T>(TimeSpan lifetime, TimeProvider clock, int generationSize = TokenCache<T>.GenerationSize)
    where T : class
{
    /// <summary>Most tokens of a generation unless another number is given.</summary>
    public const int GenerationSize = 4096;

    private readonly Lock replacement = new();
    private volatile Generation young = new(clock.GetTimestamp());
    private volatile Generation old = new(clock.GetTimestamp());

    /// <summary>Number of tokens that are held.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>The value of a token; null if it was not added lately.</summary>
    public T? Find(ReadOnlySpan<char> text)
    {
        // To this one and no later one: all tokens may be evicted meanwhile.
        var recent = young;
        if (recent.Find(text, out _) is { } value)
        {
            return value;
        }

        if (old.Find(text, out var key) is { } survivor)
        {
            recent.Add(key!, survivor);
            return survivor;
        }

        return null;
    }

    /// <summary>Adds the value of a token, unless it has one. Returns its value.</summary>
    public T Add(string text, T value)
    {
        if (IsOver(young))
        {
            lock (replacement)
            {
                if (IsOver(young))
                {
                    (old, young) = (young, new Generation(clock.GetTimestamp()));
                }
            }
        }

        return young.Add(text, value);
    }

    /// <summary>Evicts all tokens.</summary>
    public void Clear()
    {
        lock (replacement)
        {
            (old, young) = (new Generation(clock.GetTimestamp()), new Generation(clock.GetTimestamp()));
        }
    }

    private bool IsOver(Generation generation) =>
        generation.Count >= generationSize || clock.GetElapsedTime(generation.Began) >= lifetime;

    private sealed class Generation
    {
        private readonly ConcurrentDictionary<string, T> tokens;
        private readonly ConcurrentDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private int count;

        public Generation(long began)
        {
            Began = began;
            tokens = new(StringComparer.Ordinal);
            lookup = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public long Began { get; }

        public int Count => Volatile.Read(ref count);

        public T? Find(ReadOnlySpan<char> text, out string? key) =>
            lookup.TryGetValue(text, out key, out var value) ? value : null;

        public T Add(string text, T value)
        {
            // The very same value is added again when several requests find it among the old ones.
            if (tokens.TryAdd(text, value))
            {
                Interlocked.Increment(ref count);
                return value;
            }

            return tokens[text];
        }
    }
}
