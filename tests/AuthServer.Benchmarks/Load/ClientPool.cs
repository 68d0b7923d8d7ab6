namespace AuthServer.Benchmarks.Load;

/// <summary>The clients of one server. Each logs in once, before its first round.</summary>
internal sealed class ClientPool(Target target) : IDisposable
{
    /// <summary>Number of accounts. Several clients share an account, like the devices of one user.</summary>
    public const int Users = 16;

    private readonly List<Client> clients = [];
    private bool isRegistered;

    /// <summary>Returns the user name of a client.</summary>
    public static string UserOf(int client) => $"bench{client % Users}@example.com";

    /// <summary>Returns the first <paramref name="count"/> clients, connected and logged in.</summary>
    public async Task<IReadOnlyList<Client>> ConnectAsync(int count, CancellationToken ct)
    {
        await RegisterAsync(ct);
        while (clients.Count < count)
        {
            clients.Add(new Client(target.Api, UserOf(clients.Count)));
        }

        var wanted = clients[..count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct };
        await Parallel.ForEachAsync(wanted.Where(client => !client.IsLoggedIn), parallel, async (client, ct) =>
        {
            await client.ConnectAsync(target, ct);
            await client.LogInAsync(ct);
        });

        // During the logins, a server may have closed connections that were idle.
        await Parallel.ForEachAsync(wanted, parallel, async (client, ct) => await client.ConnectAsync(target, ct));
        return wanted;
    }

    /// <summary>Closes all connections, because servers close idle ones between rounds.</summary>
    public void Disconnect() => clients.ForEach(client => client.Disconnect());

    public void Dispose() => clients.ForEach(client => client.Dispose());

    /// <summary>Creates an account, if the server supports registration.</summary>
    /// <exception cref="LoadException">The server refused the registration.</exception>
    public static async Task RegisterAsync(Target target, string username, CancellationToken ct)
    {
        if (target.Api.Register is not { } register)
        {
            return;
        }

        // 409: the account exists from an earlier run.
        using var connection = await Connection.OpenAsync(target.Address, ct);
        var response = await connection.ExchangeAsync(register(username), default, ct);
        if (!response.IsSuccess && response.Status != 409)
        {
            throw new LoadException($"registration of {username}", 1, response.ToString());
        }
    }

    private async Task RegisterAsync(CancellationToken ct)
    {
        if (isRegistered)
        {
            return;
        }

        for (var user = 0; user < Users; user++)
        {
            await RegisterAsync(target, UserOf(user), ct);
        }

        isRegistered = true;
    }
}
