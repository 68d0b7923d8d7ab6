using System.Text.Json.Serialization;

namespace AuthServer.SecondFactors;

/// <summary>The bodies of this room, described at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SecondFactorLoginRequest))]
[JsonSerializable(typeof(SecondFactorList))]
[JsonSerializable(typeof(SecondFactorRequest))]
[JsonSerializable(typeof(FirstCodeRequest))]
[JsonSerializable(typeof(SetUpRequest))]
[JsonSerializable(typeof(SetUpCodeRequest))]
[JsonSerializable(typeof(TotpSecret))]
[JsonSerializable(typeof(RecoveryCodeList))]
internal sealed partial class SecondFactorsJson : JsonSerializerContext;
