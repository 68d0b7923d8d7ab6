using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthServer.Tests.Support;

/// <summary>A state, and the options that belong to it.</summary>
internal sealed record PasskeyOptionsAnswer(string State, JsonElement Options)
{
    public static async Task<PasskeyOptionsAnswer> OfAsync(HttpResponseMessage response)
    {
        var body = await response.ShouldBeJsonAsync();
        return new(body.GetProperty("state").GetString()!, body.GetProperty("options"));
    }
}

/// <summary>Requests for passkeys, as an honest client sends them.</summary>
internal static class PasskeyRequests
{
    public static async Task<PasskeyOptionsAnswer> PasskeyOptionsAsync(this LoggedInDevice device) =>
        await PasskeyOptionsAnswer.OfAsync(await device.SendAsync(HttpMethod.Post, "/passkeys/options"));

    public static Task<HttpResponseMessage> AddAsync(
        this LoggedInDevice device, string? state, JsonNode? credential, string? name = null) =>
        device.SendAsync(HttpMethod.Post, "/passkeys", new { state, credential, name });

    /// <summary>Adds a passkey, which must succeed, and returns its id.</summary>
    public static async Task<Guid> AddAsync(
        this LoggedInDevice device, SoftwareAuthenticator authenticator, string? name = null)
    {
        var begun = await device.PasskeyOptionsAsync();
        var added = await device.AddAsync(begun.State, authenticator.Create(begun.Options), name);
        added.ShouldBe(HttpStatusCode.Created);
        return (await JsonOfAsync(added)).GetProperty("id").GetGuid();
    }

    public static Task<HttpResponseMessage> RemovePasskeyAsync(this LoggedInDevice device, Guid id) =>
        device.SendAsync(HttpMethod.Delete, $"/passkeys/{id}");

    public static async Task<PasskeyOptionsAnswer> LoginOptionsAsync(this HttpClient http) =>
        await PasskeyOptionsAnswer.OfAsync(await http.PostAsync("/login/passkey/options"));

    public static Task<HttpResponseMessage> LogInAsync(
        this HttpClient http, string? state, JsonNode? credential, string query = "", string? deviceName = null) =>
        http.PostAsync($"/login/passkey{query}", new { state, credential, deviceName });

    /// <summary>Logs in by a passkey.</summary>
    public static async Task<HttpResponseMessage> LogInAsync(
        this HttpClient http, SoftwareAuthenticator authenticator, string query = "")
    {
        var begun = await http.LoginOptionsAsync();
        return await http.LogInAsync(begun.State, authenticator.Prove(begun.Options), query);
    }

    public static async Task<JsonElement> JsonOfAsync(HttpResponseMessage response) => JsonDocument.Parse(
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
}
