using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace AuthServer.Bearer;

/// <summary>An access token with a right signature and right claims.</summary>
/// <param name="Caller">The caller that it names.</param>
/// <param name="Principal">The same for the framework.</param>
internal sealed record ValidatedToken(Caller Caller, ClaimsPrincipal Principal)
{
    /// <summary>The same in the form that the framework requires at each request.</summary>
    public Task<AuthenticateResult> Authenticated { get; } =
        Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Principal, JwtBearerDefaults.AuthenticationScheme)));
}

/// <summary>
/// Access tokens that were validated, so that each is validated once and not at each request. Their age and the end of their
/// sessions are not remembered here. Holds two generations of tokens. The older one is evicted when the younger is full or as old
/// as a token can become. In the second case all its tokens have expired. Safe to share.
/// </summary>
/// <param name="options">The longest life of a token.</param>
/// <param name="clock">The clock.</param>
internal sealed class ValidatedTokenCache(IOptions<AuthServerBearerOptions> options, TimeProvider clock)
{
    /// <summary>Most tokens of a generation. Each takes some kilobytes, because it has claims.</summary>
    public const int GenerationSize = 4096;

    private readonly Lock replacement = new();
    private readonly TimeSpan lifetime = options.Value.AccessLifetime;
    private volatile Generation young = new(clock.GetTimestamp());
    private volatile Generation old = new(clock.GetTimestamp());

    /// <summary>Number of tokens that are held.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>The token of a text; null if it was not validated lately.</summary>
    public ValidatedToken? Find(ReadOnlySpan<char> text)
    {
        if (young.Find(text, out _) is { } token)
        {
            return token;
        }

        if (old.Find(text, out var key) is { } survivor)
        {
            Add(key!, survivor);
            return survivor;
        }

        return null;
    }

    public void Add(string text, ValidatedToken token)
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

        young.Add(text, token);
    }

    /// <summary>Evicts all tokens, because a key that verified them is no longer trusted.</summary>
    public void Clear()
    {
        lock (replacement)
        {
            (old, young) = (new Generation(clock.GetTimestamp()), new Generation(clock.GetTimestamp()));
        }
    }

    private bool IsOver(Generation generation) =>
        generation.Count >= GenerationSize || clock.GetElapsedTime(generation.Began) >= lifetime;

    private sealed class Generation
    {
        private readonly ConcurrentDictionary<string, ValidatedToken> tokens;
        private readonly ConcurrentDictionary<string, ValidatedToken>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private int count;

        public Generation(long began)
        {
            Began = began;
            tokens = new(StringComparer.Ordinal);
            lookup = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public long Began { get; }

        public int Count => Volatile.Read(ref count);

        public ValidatedToken? Find(ReadOnlySpan<char> text, out string? key) =>
            lookup.TryGetValue(text, out key, out var token) ? token : null;

        public void Add(string text, ValidatedToken token)
        {
            if (tokens.TryAdd(text, token))
            {
                Interlocked.Increment(ref count);
            }
        }
    }
}
