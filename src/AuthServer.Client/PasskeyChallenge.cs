using System.Text.Json;

namespace AuthServer.Client;

/// <summary>A challenge that a passkey answers within five minutes.</summary>
public sealed class PasskeyChallenge
{
    /// <summary>The state, for the call that has the answer. It works once.</summary>
    public required string State { get; init; }

    /// <summary>The options for the platform's API, a JSON object of Web Authentication Level 3.</summary>
    public required JsonElement Options { get; init; }
}
