namespace AuthServer.Client.Tests.Support;

/// <summary>Counts of a scenario that the JavaScript client ran.</summary>
/// <param name="Statuses">Number of answers by status.</param>
/// <param name="Failures">Number of requests without an answer.</param>
/// <param name="Logins">Number of logins that a listener was called with.</param>
/// <param name="Refreshes">Number of refreshes that a listener was called with.</param>
/// <param name="Ends">Number of ends of a session that a listener was called with.</param>
/// <param name="Tokens">Number of access tokens.</param>
public sealed record Report(Dictionary<string, int> Statuses, int Failures, int Logins, int Refreshes, int Ends, int Tokens);
