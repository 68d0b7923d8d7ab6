using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// A server, and a page of its origin with a virtual authenticator. It has no scripts, so the test's client is its only one.
/// </summary>
public sealed class PasskeyPage : IAsyncDisposable
{
    private const string Open =
        """
        async () => {
            const { createAuthClient } = await import('/authserver-client.js');
            window.client = createAuthClient();
        }
        """;

    private const string Ask =
        """
        async options => {
            const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
            return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
        }
        """;

    private const string CountRejections = "SELECT coalesce(sum(count), 0) FROM events WHERE kind = 35";

    private readonly DataFolder data;
    private readonly ServerProcess server;

    private PasskeyPage(
        DataFolder data, ServerProcess server, BrowserDevice device, IPage page, VirtualAuthenticator authenticator) =>
        (this.data, this.server, Device, Page, Authenticator) = (data, server, device, page, authenticator);

    public BrowserDevice Device { get; }

    public IPage Page { get; }

    public VirtualAuthenticator Authenticator { get; }

    public HttpClient Http => server.Http;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts a server and opens the page.</summary>
    public static async Task<PasskeyPage> OpenAsync(Chromium chromium)
    {
        var data = new DataFolder();
        var port = LoopbackPort.Free();
        var server = await ServerProcess.StartAsync(
            data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
        var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        await device.Context.RouteAsync("**/blank", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<link rel=icon href=data:,><input autocomplete='username webauthn'>",
        }));
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(new Uri(device.Server, "blank").ToString());
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.EvaluateAsync(Open);
        return new PasskeyPage(data, server, device, page, authenticator);
    }

    /// <summary>Registers an account with a passkey, and logs out. Returns the passkey.</summary>
    public async Task<JsonElement> RegisterAsync(string username)
    {
        await Http.RegisterAsync(username);
        await Page.EvaluateAsync(
            "([username, password]) => client.login({ username, password })", new[] { username, HttpAssertions.Password });
        var passkey = await Page.EvaluateAsync<JsonElement>("client.registerPasskey('Laptop')");
        await Page.EvaluateAsync("client.logout()");
        return passkey;
    }

    /// <summary>Logs in by the client of the page, and returns the code of the refusal; empty if there is none.</summary>
    public Task<string> LogInAsync() =>
        Page.EvaluateAsync<string>("client.loginByPasskey().then(() => client.logout()).then(() => '', error => error.code)");

    /// <summary>Opens another page that our domain could be asked for, with an authenticator of its own.</summary>
    public async Task<(IPage Page, VirtualAuthenticator Authenticator)> OpenOtherAsync(string origin)
    {
        var page = await Device.OpenBlankAsync();
        await page.GotoAsync($"{origin}/blank");
        return (page, await VirtualAuthenticator.AddAsync(page));
    }

    /// <summary>Begins a login, or its second step if there is a challenge.</summary>
    public async Task<(string State, JsonElement Options)> BeginAsync(string? challenge = null)
    {
        var answer = challenge is null
            ? await Http.PostAsync("/login/passkey/options", content: null, Ct)
            : await Http.PostAsJsonAsync("/login/passkey/options", new { challenge }, Ct);
        var body = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Ct);
        return (body.GetProperty("state").GetString()!, body.GetProperty("options"));
    }

    /// <summary>Asks the authenticator of a page, and returns its answer.</summary>
    public static async Task<JsonElement> AskAsync(IPage page, JsonElement options) =>
        JsonDocument.Parse(await page.EvaluateAsync<string>(Ask, options.GetRawText())).RootElement;

    /// <summary>Waits for the events of this many refused passkeys, the latest of which has this reason in its line.</summary>
    public async Task ShouldHaveRejectedAsync(int count, string reason)
    {
        await Eventually.BecomesAsync(() => Rejections() == count);
        await Eventually.BecomesAsync(() => server.Output.Any(line =>
            line.Contains("Passkey rejected", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        await Device.DisposeAsync();
        await server.DisposeAsync();
        data.Dispose();
    }

    private int Rejections()
    {
        using var database = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        using var command = database.CreateCommand();
        command.CommandText = CountRejections;
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
