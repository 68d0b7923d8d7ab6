using System.Text.Json.Serialization;

namespace AuthServer.Health;

/// <summary>The bodies of this room, described at build time so that a start has nothing to find out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
