using System.Runtime.InteropServices.JavaScript;
using AuthServer.Client;

namespace BlazorClient;

/// <summary>
/// Keeps the session in the <c>sessionStorage</c> of the tab. It survives a reload. Any script of the page can read it, an
/// injected one too.
/// </summary>
internal sealed partial class TabTokenStore : ITokenStore
{
    private const string Key = "session";

    private static StoredSession? Stored
    {
        get => GetItem(Key)?.Split(' ') is [var id, var token] ? new StoredSession(Guid.Parse(id), token) : null;
        set
        {
            if (value is null)
            {
                RemoveItem(Key);
            }
            else
            {
                SetItem(Key, $"{value.SessionId} {value.RefreshToken}");
            }
        }
    }

    public ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Stored);

    public ValueTask<bool> TryReplaceAsync(
        StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken)
    {
        // The calls are synchronous, so that no other code of the tab runs between them.
        var isExpected = Stored == expected;
        if (isExpected)
        {
            Stored = replacement;
        }

        return ValueTask.FromResult(isExpected);
    }

    [JSImport("globalThis.sessionStorage.getItem")]
    private static partial string? GetItem(string key);

    [JSImport("globalThis.sessionStorage.setItem")]
    private static partial void SetItem(string key, string value);

    [JSImport("globalThis.sessionStorage.removeItem")]
    private static partial void RemoveItem(string key);
}
