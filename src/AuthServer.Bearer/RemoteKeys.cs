using System.Collections.Frozen;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>
/// The public keys of the server, fetched from its <c>jwks.json</c>. They are kept while the server is away. Only public keys of
/// ES256 and RS256 are taken. Safe to share.
/// </summary>
internal sealed class RemoteKeys(
    AuthorityClient authority, ValidatedTokenCache validated, TimeProvider clock, ILogger<RemoteKeys> log)
    : BackgroundService, IAccessTokenKeys
{
    private const int MinModulus = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private readonly RareTask lookup = new(TimeSpan.FromSeconds(30), clock);
    private readonly SemaphoreSlim fetching = new(1);
    private readonly Channel<bool> requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile FrozenDictionary<string, SecurityKey> keys = FrozenDictionary<string, SecurityKey>.Empty;
    private bool hasFailed;
    private bool isWithoutKeys;

    private TimeSpan NextInterval => hasFailed || keys.Count == 0 ? RetryInterval : Interval;

    /// <summary>Fetches the keys before the first request. If the server does not answer, it keeps trying.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await FetchAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SecurityKey?> FindAsync(string keyId)
    {
        if (keys.GetValueOrDefault(keyId) is { } known)
        {
            return known;
        }

        await lookup.RunAsync(() => FetchAsync(CancellationToken.None));
        return keys.GetValueOrDefault(keyId);
    }

    /// <summary>Fetches the keys soon, without delaying the caller.</summary>
    public void FetchSoon() => requests.Writer.TryWrite(true);

    /// <summary>Fetches the keys. Keeps those that it has if it fails.</summary>
    public async Task FetchAsync(CancellationToken ct)
    {
        // One after the other, or an older answer could replace a newer one.
        await fetching.WaitAsync(ct);
        try
        {
            Replace(Parse(await authority.GetKeysAsync(ct)));
            hasFailed = false;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            if (!hasFailed)
            {
                log.KeysNotFetched(exception, authority.Address);
            }

            hasFailed = true;
        }
        finally
        {
            fetching.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        fetching.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => FetchSoon(), state: null, NextInterval, Timeout.InfiniteTimeSpan);
        await foreach (var _ in requests.Reader.ReadAllAsync(stoppingToken))
        {
            await FetchAsync(stoppingToken);
            timer.Change(NextInterval, Timeout.InfiniteTimeSpan);
        }
    }

    // The member is required (RFC 7517 §5), so an answer without it is no key set.
    private static FrozenDictionary<string, SecurityKey> Parse(string json)
    {
        using var set = JsonDocument.Parse(json);
        return set.RootElement.GetProperty("keys").EnumerateArray()
            .Select(key => PublicOf(new JsonWebKey(key.GetRawText()))).OfType<JsonWebKey>()
            .DistinctBy(key => key.Kid, StringComparer.Ordinal)
            .ToFrozenDictionary(key => key.Kid, SecurityKey (key) => key, StringComparer.Ordinal);
    }

    private void Replace(FrozenDictionary<string, SecurityKey> usable)
    {
        var before = keys;
        if (usable.Count == 0 && !isWithoutKeys)
        {
            log.NoPublicKeys(authority.Address);
        }

        isWithoutKeys = usable.Count == 0;

        keys = usable;
        if (before.Keys.Any(id => !usable.ContainsKey(id)))
        {
            // Tokens of a key that was withdrawn were validated before.
            validated.Clear();
        }
    }

    // Only its public part, for its one algorithm. A key without one, or for another, checks nothing.
    private static JsonWebKey? PublicOf(JsonWebKey key) => key switch
    {
        { Kid: null or "" } or { Use: not (null or JsonWebKeyUseNames.Sig) } => null,
        { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256, Alg: SecurityAlgorithms.EcdsaSha256 } =>
            new JsonWebKey { Kty = key.Kty, Kid = key.Kid, Alg = key.Alg, Use = key.Use, Crv = key.Crv, X = key.X, Y = key.Y },
        { Kty: JsonWebAlgorithmsKeyTypes.RSA, Alg: SecurityAlgorithms.RsaSha256, N: not null }
            when Base64UrlEncoder.DecodeBytes(key.N).Length >= MinModulus =>
            new JsonWebKey { Kty = key.Kty, Kid = key.Kid, Alg = key.Alg, Use = key.Use, N = key.N, E = key.E },
        _ => null,
    };
}
