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
    private readonly SerialTask fetching = new();
    private readonly Channel<bool> requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile FrozenDictionary<string, SecurityKey> keys = FrozenDictionary<string, SecurityKey>.Empty;
    private int repeats;
    private bool hasFailed;
    private bool isWithoutKeys;

    private TimeSpan NextInterval => hasFailed || keys.Count == 0 || repeats > 0 ? RetryInterval : Interval;

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

    /// <summary>
    /// Fetches the keys soon, without delaying the caller, because they have changed. It does so three times: another node of the
    /// server may answer, which has not read the change yet.
    /// </summary>
    public void FetchSoon()
    {
        repeats = 2;
        Request();
    }

    /// <summary>Fetches the keys. Keeps those that it has if it fails.</summary>
    public Task FetchAsync(CancellationToken ct) => fetching.RunAsync(() => TryFetchAsync(ct));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => Request(), state: null, NextInterval, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var _ in requests.Reader.ReadAllAsync(stoppingToken))
            {
                await FetchAsync(stoppingToken);
                timer.Change(NextInterval, Timeout.InfiniteTimeSpan);
                repeats = Math.Max(0, repeats - 1);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The program stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task TryFetchAsync(CancellationToken ct)
    {
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
    }

    // The member is required (RFC 7517 §5), so an answer without it is no key set.
    private static FrozenDictionary<string, SecurityKey> Parse(string json)
    {
        using var set = JsonDocument.Parse(json);
        return set.RootElement.GetProperty("keys").EnumerateArray()
            .Select(TryReadPublic).OfType<JsonWebKey>()
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
        if (before.Any(key => !IsSame(key.Value, usable.GetValueOrDefault(key.Key))))
        {
            // Tokens of a key that was withdrawn were validated before.
            validated.Clear();
        }
    }

    private void Request() => requests.Writer.TryWrite(true);

    private static bool IsSame(SecurityKey before, SecurityKey? now) =>
        (before, now) is (JsonWebKey one, JsonWebKey other)
        && (one.Alg, one.X, one.Y, one.N, one.E) == (other.Alg, other.X, other.Y, other.N, other.E);

    // One that can't be read is ignored (RFC 7517 §5): a server may be newer than its back ends.
    private static JsonWebKey? TryReadPublic(JsonElement key)
    {
        try
        {
            return PublicOf(new JsonWebKey(key.GetRawText()));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
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
