using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AuthServer.Benchmarks.Load;

/// <summary>What a client does in a round.</summary>
internal enum Act
{
    Refresh,
    Private,
    Login,
    Ready,
}

/// <summary>
/// One user agent. Its session and the chain of its refresh tokens go on from round to round, over a new connection each.
/// </summary>
internal sealed class Client(Api api, string username) : IDisposable
{
    private readonly Token access = new();
    private readonly Token refresh = new();
    private readonly Template? login = api.Login?.Invoke(username);
    private Connection? connection;
    private long renewedAt;

    /// <summary>Whether the session is open.</summary>
    public bool IsSignedIn { get; private set; }

    /// <summary>Opens the connection anew.</summary>
    public async Task ConnectAsync(Target target, CancellationToken ct)
    {
        connection?.Dispose();
        connection = await Connection.OpenAsync(target.Address, ct);
    }

    /// <summary>Closes the connection; the session stays open.</summary>
    public void Disconnect()
    {
        connection?.Dispose();
        connection = null;
    }

    /// <summary>Opens the session, where the server has sessions.</summary>
    public async Task SignInAsync(CancellationToken ct)
    {
        if (login is not null && await ActAsync(Act.Login, ct) is { IsSuccess: false } answer)
        {
            throw new LoadException($"login of {username}", 1, answer.ToString());
        }

        IsSignedIn = true;
    }

    /// <summary>Makes sure that the access token outlives the next request.</summary>
    public async ValueTask RenewAsync(CancellationToken ct)
    {
        if (api.AccessTokenUse is { } use && Stopwatch.GetElapsedTime(renewedAt) > use
            && await ActAsync(Act.Refresh, ct) is { IsSuccess: false } answer)
        {
            throw new LoadException("refresh before a private GET", 1, answer.ToString());
        }
    }

    /// <summary>One request and its answer; tokens in the answer are kept for the next one.</summary>
    public ValueTask<Answer> ActAsync(Act act, CancellationToken ct) => act switch
    {
        Act.Refresh => TradeAsync(api.Refresh!, ct),
        Act.Login => TradeAsync(login!, ct),
        Act.Private => connection!.ExchangeAsync(api.Private!, access.Value, ct),
        _ => connection!.ExchangeAsync(api.Ready, default, ct),
    };

    public void Dispose() => Disconnect();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer> TradeAsync(Template request, CancellationToken ct)
    {
        var answer = await connection!.ExchangeAsync(request, refresh.Value, ct);
        if (answer.IsSuccess)
        {
            Keep(access, answer.Find(api.AccessTokenMember));
            Keep(refresh, answer.Find(api.RefreshTokenMember));
            renewedAt = Stopwatch.GetTimestamp();
        }

        return answer;
    }

    private static void Keep(Token token, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            token.Set(value);
        }
    }
}
