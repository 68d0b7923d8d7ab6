using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Peers of <see cref="Peers"/> that are set up to use PostgreSQL.</summary>
internal static class PostgresPeers
{
    public static Peer AuthServer(string connectionString) => With(Peers.Find(Peers.AuthServer), new()
    {
        ["Storage__Provider"] = "postgres",
        ["ConnectionStrings__AuthServer"] = connectionString,
    });

    public static Peer Textbook(string connectionString) => With(Peers.Find("textbook"), new()
    {
        ["Provider"] = "postgres",
        ["ConnectionStrings__Peer"] = connectionString,
    });

    /// <summary>Returns a peer with further settings, which override its own.</summary>
    public static Peer With(Peer peer, Dictionary<string, string> settings) => peer with
    {
        Settings = data =>
        {
            var all = peer.Settings(data);
            foreach (var (name, value) in settings)
            {
                all[name] = value;
            }

            return all;
        },
    };
}
