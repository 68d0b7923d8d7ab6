namespace AuthServer.Client.Tests.Support;

/// <summary>What a device went through.</summary>
/// <param name="Statuses">How often a request was answered with a status.</param>
/// <param name="Failures">The requests that were not answered.</param>
/// <param name="Logins">The logins that the module told of.</param>
/// <param name="Refreshes">The refreshes that it told of.</param>
/// <param name="Ends">The ends of a session that it told of.</param>
/// <param name="Tokens">The access tokens that it had.</param>
public sealed record Report(Dictionary<string, int> Statuses, int Failures, int Logins, int Refreshes, int Ends, int Tokens);
