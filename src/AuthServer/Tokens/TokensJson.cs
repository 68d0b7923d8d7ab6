using System.Text.Json.Serialization;

namespace AuthServer.Tokens;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeySet))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(EndedSession))]
[JsonSerializable(typeof(Introspection))]
internal sealed partial class TokensJson : JsonSerializerContext;
