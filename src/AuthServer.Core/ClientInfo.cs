namespace AuthServer.Core;

/// <summary>Where a request came from, as far as the server can tell.</summary>
/// <param name="IpAddress">The address in text form.</param>
/// <param name="UserAgent">The User-Agent header.</param>
public sealed record ClientInfo(string? IpAddress, string? UserAgent);
