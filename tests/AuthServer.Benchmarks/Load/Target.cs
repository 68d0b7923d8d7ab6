using System.Net;

namespace AuthServer.Benchmarks.Load;

/// <summary>A running server.</summary>
/// <param name="Address">The address on which it listens.</param>
/// <param name="Api">Its requests.</param>
internal sealed record Target(IPEndPoint Address, PeerApi Api);
