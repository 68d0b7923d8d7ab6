using System.Text.Json;
using OtpNet;

namespace AuthServer.Tests.Support;

/// <summary>An authenticator app that a user has set up, and the recovery codes that came with it.</summary>
internal sealed class Authenticator(AuthServerApp app, string secret)
{
    private readonly Totp totp = new(Base32Encoding.ToBytes(secret));

    /// <summary>The secret in base 32.</summary>
    public string Secret => secret;

    /// <summary>The recovery codes.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    /// <summary>The code of this moment, or of other time steps.</summary>
    public string Code(int steps = 0) => totp.ComputeTotp(app.Clock.GetUtcNow().AddSeconds(30 * steps).UtcDateTime);

    /// <summary>Waits for the next code, because each works once.</summary>
    public string NextCode()
    {
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        return Code();
    }

    /// <summary>Sets up an authenticator app.</summary>
    public static async Task<Authenticator> SetUpAsync(AuthServerApp app, LoggedInDevice device)
    {
        var begun = await (await device.SendAsync(HttpMethod.Post, "/second-factors/totp")).ShouldBeJsonAsync();
        var authenticator = new Authenticator(app, begun.GetProperty("secret").GetString()!);
        var confirmed = await device.SendAsync(
            HttpMethod.Post, "/second-factors/totp/confirm", new { code = authenticator.Code() });
        authenticator.RecoveryCodes = CodesOf(await confirmed.ShouldBeJsonAsync());
        return authenticator;
    }

    /// <summary>The codes of an answer.</summary>
    public static IReadOnlyList<string> CodesOf(JsonElement answer) =>
        [.. answer.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)];

    /// <summary>Makes the first step of a login, and returns its challenge.</summary>
    public static async Task<string> ChallengeAsync(HttpClient http, string username = "ada", string? deviceName = null)
    {
        var answer = await http.PostAsync("/login", new { username, password = AuthServerApp.Password, deviceName });
        return (await answer.ShouldBeProblemAsync(401, "second_factor_required")).GetProperty("challenge").GetString()!;
    }

    /// <summary>Makes the second step of a login.</summary>
    public static Task<HttpResponseMessage> CompleteAsync(HttpClient http, string challenge, string code) =>
        http.PostAsync("/login/second-factor", new { challenge, code });
}
