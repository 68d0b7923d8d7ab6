using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

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
/// sessions are not remembered here. Holds two generations of tokens and evicts the older one when the younger is full. Safe to
/// share.
/// </summary>
internal sealed class ValidatedTokenCache
{
    /// <summary>Tokens of a generation: usually some 20 MB, because each has claims.</summary>
    public const int GenerationSize = 4096;

    private readonly Lock replacement = new();
    private volatile Generation young = new();
    private volatile Generation old = new();

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
        if (young.Add(text, token) < GenerationSize)
        {
            return;
        }

        lock (replacement)
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

        public ValidatedToken? Find(ReadOnlySpan<char> text, out string? key) =>
            lookup.TryGetValue(text, out key, out var token) ? token : null;

        /// <summary>Adds a token and returns the number of tokens.</summary>
        public int Add(string text, ValidatedToken token) =>
            tokens.TryAdd(text, token) ? Interlocked.Increment(ref count) : count;
    }
}
