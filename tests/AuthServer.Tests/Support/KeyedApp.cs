using System.Security.Cryptography;

namespace AuthServer.Tests.Support;

/// <summary>A server with a key of access tokens that the tests know.</summary>
public sealed class KeyedApp : IAsyncDisposable
{
    // As long as HS512 requires, so that its length is no reason to refuse that algorithm.
    internal static readonly byte[] Key = RandomNumberGenerator.GetBytes(64);

    internal static readonly (string Key, string Value)[] Settings =
    [
        ("Keys:Access:1", Convert.ToBase64String(Key)),
        ("Keys:Refresh:1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
    ];

    public AuthServerApp App { get; } = new(Settings);

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
