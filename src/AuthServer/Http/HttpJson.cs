using System.Text.Json.Serialization;

namespace AuthServer.Http;

/// <summary>The bodies of this room, described at build time, so that a start has nothing to find out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class HttpJson : JsonSerializerContext;
