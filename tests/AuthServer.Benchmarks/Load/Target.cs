using System.Net;

namespace AuthServer.Benchmarks.Load;

/// <summary>A server that runs.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Api">How it is asked.</param>
internal sealed record Target(IPEndPoint Address, Api Api);
