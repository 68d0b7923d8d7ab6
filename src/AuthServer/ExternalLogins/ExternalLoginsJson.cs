using System.Text.Json.Serialization;

namespace AuthServer.ExternalLogins;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(ExternalLoginList))]
[JsonSerializable(typeof(ProviderAddress))]
[JsonSerializable(typeof(ExternalLoginPurpose))]
internal sealed partial class ExternalLoginsJson : JsonSerializerContext;
