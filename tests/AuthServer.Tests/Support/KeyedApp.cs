using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Tests.Support;

/// <summary>A server whose access key, the number 2, the tests know.</summary>
public sealed class KeyedApp : IAsyncLifetime
{
    // As long as HS512 requires, so that its length is no reason to refuse that algorithm.
    internal static readonly byte[] Key = RandomNumberGenerator.GetBytes(64);

    public AuthServerApp App { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var root = App.Get<ServerKeys>().Root;
        var nonce = RandomNumberGenerator.GetBytes(SealedValue.NonceLength);
        await App.Get<KeyStore>().AddAccessKeyAsync(
            App.Get<AccessKeyPolicy>(),
            (_, now) => now,
            number => SealedValue.Seal(Key, AccessKey.PlaceOf(number, "HS256"), nonce, root),
            TestContext.Current.CancellationToken);
        await App.Get<AccessKeyRing>().ReloadAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
