using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AuthServer.Http;

/// <summary>
/// Closes the connections of a server that stops, after their requests are answered. Kestrel alone closes a connection even if
/// a request is on its way. For the rest of a request that was sent half, it waits 30 seconds. Safe to share.
/// </summary>
internal sealed class ConnectionClosing
{
    // Longer than a request is on its way. An operator who stops an idle server hardly notices it.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(250);

    private volatile bool isClosing;

    /// <summary>True if each answer should be the last one of its connection (RFC 9112 §9.6).</summary>
    public bool IsClosing => isClosing;

    /// <summary>Waits for the end of a connection, and brings it about once the server stops.</summary>
    public async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var ended = new CancellationTokenSource();
        using var requested = new CancellationTokenSource();
        var closing = new Closing(requested);

        // TLS puts another one in its place, which it reads from this one.
        var client = connection.Transport.Input;
        var stopping = connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().ConnectionClosedRequested;
        connection.Features.Set<IConnectionLifetimeNotificationFeature>(closing);
        var close = Task.CompletedTask;
        try
        {
            using var registration = stopping.Register(() => close = CloseAsync(connection, client, closing, ended.Token));
            await next(connection);
        }
        finally
        {
            await ended.CancelAsync();
            await close.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CloseAsync(
        ConnectionContext connection,
        PipeReader client,
        IConnectionLifetimeNotificationFeature closing,
        CancellationToken ended)
    {
        isClosing = true;
        await Task.Delay(Linger, ended);

        if (WaitsForClient(connection, client))
        {
            // As if the client had closed its side: an idle connection and one with half a request end at once.
            connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.Shutdown(SocketShutdown.Receive);
        }
        else
        {
            // The answer to the request under way is the last one.
            closing.RequestClose();
        }
    }

    // A pipe has one reader at a time. It refuses a second one while the first waits for the rest of a request or of a TLS
    // handshake. While a request is under way there is none, except over HTTP/2, whose streams Kestrel completes.
    private static bool WaitsForClient(ConnectionContext connection, PipeReader client)
    {
        try
        {
            // Unknown, and an exception, until the handshake is over.
            if (connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) is true)
            {
                return false;
            }

            if (client.TryRead(out var read))
            {
                client.AdvanceTo(read.Buffer.Start);
            }

            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>The request to close a connection, which Kestrel observes instead of its own.</summary>
    private sealed class Closing(CancellationTokenSource requested) : IConnectionLifetimeNotificationFeature
    {
        public CancellationToken ConnectionClosedRequested { get; set; } = requested.Token;

        public void RequestClose() => requested.Cancel();
    }
}
