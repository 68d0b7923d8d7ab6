namespace AuthServer.Benchmarks.Load;

/// <summary>The clients of one server. They are signed in once, when they are first needed.</summary>
internal sealed class ClientPool(Target target) : IDisposable
{
    /// <summary>Accounts; the clients share them, as devices of one user do.</summary>
    public const int Users = 16;

    private readonly List<Client> clients = [];
    private bool isRegistered;

    /// <summary>The user name of a client.</summary>
    public static string UserOf(int client) => $"bench{client % Users}@example.com";

    /// <summary>The first <paramref name="count"/> clients, connected and signed in.</summary>
    public async Task<IReadOnlyList<Client>> ConnectAsync(int count, CancellationToken ct)
    {
        await RegisterAsync(ct);
        while (clients.Count < count)
        {
            clients.Add(new Client(target.Api, UserOf(clients.Count)));
        }

        var wanted = clients[..count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct };
        await Parallel.ForEachAsync(wanted.Where(client => !client.IsSignedIn), parallel, async (client, ct) =>
        {
            await client.ConnectAsync(target, ct);
            await client.SignInAsync(ct);
        });

        // Logins may have taken longer than a server lets a connection rest.
        await Parallel.ForEachAsync(wanted, parallel, async (client, ct) => await client.ConnectAsync(target, ct));
        return wanted;
    }

    /// <summary>Closes the connections, for servers close those that rest.</summary>
    public void Disconnect() => clients.ForEach(client => client.Disconnect());

    public void Dispose() => clients.ForEach(client => client.Dispose());

    /// <summary>Makes the account of a user name, where the server has accounts.</summary>
    public static async Task RegisterAsync(Target target, string username, CancellationToken ct)
    {
        if (target.Api.Register is not { } register)
        {
            return;
        }

        // 409 is a user of an earlier run.
        using var connection = await Connection.OpenAsync(target.Address, ct);
        var answer = await connection.ExchangeAsync(register(username), default, ct);
        if (!answer.IsSuccess && answer.Status != 409)
        {
            throw new LoadException($"registration of {username}", 1, answer.ToString());
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
