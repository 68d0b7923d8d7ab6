using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Servers as they are measured elsewhere, but on PostgreSQL.</summary>
internal static class PostgresPeers
{
    public static Peer Ours(string database) => With(Peers.Find(Peers.Ours), new()
    {
        ["Storage__Provider"] = "postgres",
        ["ConnectionStrings__AuthServer"] = database,
    });

    public static Peer Textbook(string database) => With(Peers.Find("textbook"), new()
    {
        ["Provider"] = "postgres",
        ["ConnectionStrings__Peer"] = database,
    });

    /// <summary>A server with further settings, over those it has.</summary>
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
