using System.Text.Json.Serialization;

namespace AuthServer.Passkeys;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PasskeyChallenge))]
[JsonSerializable(typeof(PasskeyRequest))]
[JsonSerializable(typeof(AddedPasskey))]
[JsonSerializable(typeof(PasskeyNameRequest))]
[JsonSerializable(typeof(PasskeyLoginRequest))]
[JsonSerializable(typeof(PasskeyLoginOptionsRequest))]
internal sealed partial class PasskeysJson : JsonSerializerContext;
