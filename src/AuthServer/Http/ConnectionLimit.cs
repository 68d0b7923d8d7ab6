using Microsoft.AspNetCore.Connections;

namespace AuthServer.Http;

/// <summary>
/// Limit of the connections of the whole process, because its open files are limited. Kestrel's own limit is one for each
/// address. Safe to share.
/// </summary>
internal sealed class ConnectionLimit
{
    private int open;

    /// <summary>Maximum number of connections. It is set before the first one.</summary>
    public int Max { get; set; } = int.MaxValue;

    /// <summary>Serves a connection, or closes it if there are too many.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref open) > Max)
            {
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }
}
