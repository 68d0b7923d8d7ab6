using System.Text.Json;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// The authenticator of Chromium for one page, whose passkeys can be read, removed and put back. Source:
/// chromedevtools.github.io/devtools-protocol/tot/WebAuthn.
/// </summary>
public sealed class VirtualAuthenticator
{
    private readonly ICDPSession session;
    private readonly string id;

    private VirtualAuthenticator(ICDPSession session, string id) => (this.session, this.id) = (session, id);

    /// <summary>Adds an authenticator to a page. Its user is there until the test says otherwise, and agrees.</summary>
    public static async Task<VirtualAuthenticator> AddAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return new VirtualAuthenticator(session, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>The passkeys, with their private keys.</summary>
    public async Task<IReadOnlyList<JsonElement>> PasskeysAsync()
    {
        var answer = await SendAsync("getCredentials");
        return [.. answer!.Value.GetProperty("credentials").EnumerateArray()];
    }

    /// <summary>Puts a passkey in, in place of one with its id.</summary>
    /// <param name="passkey">A passkey of this authenticator or of another.</param>
    /// <param name="signCount">The counter of its latest signature.</param>
    public async Task PutAsync(JsonElement passkey, int signCount)
    {
        var id = passkey.GetProperty("credentialId").GetString()!;
        if ((await PasskeysAsync()).Any(one => one.GetProperty("credentialId").GetString() == id))
        {
            await SendAsync("removeCredential", ("credentialId", id));
        }

        var credential = passkey.EnumerateObject().ToDictionary(member => member.Name, member => (object)member.Value);
        credential["signCount"] = signCount;
        await SendAsync("addCredential", ("credential", credential));
    }

    /// <summary>Sets if the user answers at once, or never.</summary>
    public Task SetPresenceAsync(bool isPresent) => SendAsync("setAutomaticPresenceSimulation", ("enabled", isPresent));

    private Task<JsonElement?> SendAsync(string command, params (string Name, object Value)[] arguments)
    {
        var all = arguments.ToDictionary(argument => argument.Name, argument => argument.Value);
        all["authenticatorId"] = id;
        return session.SendAsync("WebAuthn." + command, all);
    }
}
