namespace AuthServer.Core;

/// <summary>The client of a request, as far as the server can identify it.</summary>
/// <param name="IpAddress">The IP address in text form; null if it is unknown.</param>
/// <param name="UserAgent">The User-Agent header; null if it is absent.</param>
public sealed record ClientInfo(string? IpAddress, string? UserAgent)
{
    /// <summary>An operator at the command line, who has no address.</summary>
    public static ClientInfo CommandLine { get; } = new(IpAddress: null, "command line");
}
