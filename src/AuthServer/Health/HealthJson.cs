using System.Text.Json.Serialization;

namespace AuthServer.Health;

/// <summary>Serializer of the health bodies, generated at build time so that a start needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
