using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace AuthServer.Tokens;

/// <summary>An access token whose signature and claims are in order.</summary>
/// <param name="Caller">What it says.</param>
/// <param name="Principal">The same for the framework.</param>
internal sealed record ValidatedToken(Caller Caller, ClaimsPrincipal Principal)
{
    /// <summary>The same once more, as the framework asks for it at each request.</summary>
    public Task<AuthenticateResult> Authenticated { get; } =
        Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Principal, JwtBearerDefaults.AuthenticationScheme)));
}

/// <summary>
/// The access tokens that were seen to be in order, so that it is worked out once for each and not for each request. Whether one is
/// still alive, and its session with it, is not remembered here. Holds two generations of tokens and forgets the older one when
/// the younger is full. Safe to share.
/// </summary>
internal sealed class ValidatedTokenCache
{
    /// <summary>Tokens of a generation: usually some 20 MB, for there are claims in each.</summary>
    public const int GenerationSize = 4096;

    private readonly Lock turnOver = new();
    private volatile Generation young = new();
    private volatile Generation old = new();

    /// <summary>The token of a text; null where it was not seen lately.</summary>
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
        if (young.Add(text, token) < GenerationSize)
        {
            return;
        }

        lock (turnOver)
        {
            if (young.IsFull)
            {
                (old, young) = (young, new Generation());
            }
        }
    }

    private sealed class Generation
    {
        private readonly ConcurrentDictionary<string, ValidatedToken> tokens;
        private readonly ConcurrentDictionary<string, ValidatedToken>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private int count;

        public Generation()
        {
            tokens = new(StringComparer.Ordinal);
            lookup = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public bool IsFull => count >= GenerationSize;

        public ValidatedToken? Find(ReadOnlySpan<char> text, out string? key) => lookup.TryGetValue(text, out key, out var token) ? token : null;

        /// <summary>Adds a token and returns how many there are.</summary>
        public int Add(string text, ValidatedToken token) => tokens.TryAdd(text, token) ? Interlocked.Increment(ref count) : count;
    }
}
