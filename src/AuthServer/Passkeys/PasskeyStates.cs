using System.Security.Cryptography;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Tokens;

namespace AuthServer.Passkeys;

/// <summary>Options for the browser, and the state that comes back with its answer.</summary>
/// <param name="State">The state, for the request that has the answer.</param>
/// <param name="Options">The options in the JSON form of Web Authentication Level 3.</param>
internal sealed record PasskeyChallenge(string State, JsonElement Options);

/// <summary>The answer of an authenticator, as a client sends it.</summary>
/// <param name="State">The state; null if there was none.</param>
/// <param name="Credential">The credential in the JSON form of Web Authentication Level 3; null if there was none.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record PasskeyAnswer(string? State, JsonElement? Credential, ClientInfo Client);

/// <summary>Seals the states of ceremonies and opens them. Safe to share.</summary>
internal sealed class PasskeyStates(ServerKeys keys, TimeProvider clock)
{
    /// <summary>Makes the challenge of a ceremony that has begun.</summary>
    /// <param name="begun">The ceremony.</param>
    /// <param name="binding">Its purpose, and all that it is bound to.</param>
    /// <param name="securityStamp">The security stamp of the account at a registration; empty for other purposes.</param>
    public PasskeyChallenge Seal(BegunCeremony begun, PasskeyBinding binding, Guid securityStamp = default)
    {
        var state = new PasskeyState(
            binding, Guid.NewGuid(), securityStamp, begun.Ceremony, clock.GetUtcNow() + PasskeyState.Lifetime);
        using var options = JsonDocument.Parse(begun.Options);
        return new(
            state.Seal(RandomNumberGenerator.GetBytes(SealedValue.NonceLength), keys.Root), options.RootElement.Clone());
    }

    /// <summary>
    /// Opens the state of an answer. Null if it is none of ours, over, or of another binding. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/> if the answer is not complete.
    /// </summary>
    public Outcome<PasskeyState?> Open(PasskeyAnswer answer, PasskeyBinding expected)
    {
        if (answer.State is null)
        {
            return Refusal.OfField("state", "Is required.");
        }

        return answer.Credential is { ValueKind: JsonValueKind.Object }
            ? PasskeyState.Open(answer.State, expected, keys.Root, clock.GetUtcNow())
            : Refusal.OfField("credential", answer.Credential is null ? "Is required." : "Must be a JSON object.");
    }
}
