using System.Text.Json.Serialization;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(RefreshTokenBody))]
[JsonSerializable(typeof(TokenPair))]
[JsonSerializable(typeof(SessionList))]
internal sealed partial class SessionsJson : JsonSerializerContext;
