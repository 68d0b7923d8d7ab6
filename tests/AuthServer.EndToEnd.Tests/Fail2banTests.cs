using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The filter that the guide has for fail2ban, on lines that a server has written.</summary>
public sealed partial class Fail2banTests
{
    private const string Attacker = "203.0.113.9";
    private const string AttackerOfIPv6 = "2001:db8::9";
    private const string Victim = "198.51.100.1";

    // A line as the server writes it, with the address of the victim.
    private const string Imitation =
        "\n{\"Timestamp\":\"2026-01-01T12:00:00.000Z\",\"EventId\":51,\"LogLevel\":\"Warning\","
        + "\"Category\":\"AuthServer.Security\",\"Message\":\"Login by password failed from " + Victim + ";\"}";

    private static readonly Dictionary<string, string> Production = new() { ["ASPNETCORE_ENVIRONMENT"] = "Production" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Filter_of_guide_finds_real_address_alone()
    {
        using var data = new DataFolder();
        var command = new ServerCommand(data, "Proxies:Known:0=127.0.0.1", "RateLimits:Enabled=true") { Variables = Production };
        await using var server = await ServerProcess.StartAsync(command);
        await server.Http.RegisterAsync("ada");
        await AttackAsync(server.Http, Attacker);
        await AttackAsync(server.Http, AttackerOfIPv6);
        await server.TerminateAsync();
        var lines = (await server.ExitAsync()).Output;

        var filter = FilterOfGuide();
        var matches = lines.Select(line => (Line: line, Match: filter.Match(line))).Where(one => one.Match.Success).ToList();
        foreach (var id in new[] { 51, 63 })
        {
            var found = matches.Where(one => one.Line.Contains($"\"EventId\":{id},", StringComparison.Ordinal));
            Assert.Equal(
                [AttackerOfIPv6, Attacker],
                found.Select(one => one.Match.Groups["address"].Value).Distinct().Order(StringComparer.Ordinal));
        }

        // The texts of the attacker are in the log, and match nothing.
        var shaped = lines.Where(line => line.Contains(Victim, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(shaped);
        Assert.All(shaped, line => Assert.DoesNotMatch(filter, line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("auth AuthServer[1234]: ")]
    [InlineData("Jan  1 12:00:00 auth AuthServer[1234]: ")]
    public void Filter_of_guide_reads_journal_and_line_without_its_date(string journal)
    {
        var line = journal + Imitation.Trim();
        Assert.Equal(Victim, FilterOfGuide().Match(line).Groups["address"].Value);
        var withoutDate = line.Replace("2026-01-01T12:00:00.000Z", "", StringComparison.Ordinal);
        Assert.Equal(Victim, FilterOfGuide().Match(withoutDate).Groups["address"].Value);
        Assert.DoesNotMatch(FilterOfGuide(), "{\"x\":" + line);
        Assert.DoesNotMatch(FilterOfGuide(), line.Replace("AuthServer.Security", "Other", StringComparison.Ordinal));
    }

    // Wrong passwords, forged tokens and a flood, and texts that imitate a line with the address of a victim.
    private static async Task AttackAsync(HttpClient http, string address)
    {
        await SendAsync(
            http, address, "/me", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "forged"));
        await SendAsync(http, address, "/login?transport=cookie", request =>
        {
            request.Method = HttpMethod.Post;
            request.Headers.TryAddWithoutValidation("Origin", "https://evil.example" + Imitation.Trim());
        });
        HttpStatusCode status;
        do
        {
            status = await SendAsync(http, address, "/login", request =>
            {
                request.Method = HttpMethod.Post;
                request.Content = JsonContent.Create(new { username = "ada" + Imitation, password = "wrong" + Imitation });
                request.Headers.TryAddWithoutValidation("User-Agent", "x\" from " + Victim + Imitation.Trim());
            });
        }
        while (status != HttpStatusCode.TooManyRequests);
    }

    private static async Task<HttpStatusCode> SendAsync(
        HttpClient http, string address, string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", address);
        change(request);
        using var answer = await http.SendAsync(request, Ct);
        Assert.False(answer.IsSuccessStatusCode);
        return answer.StatusCode;
    }

    // fail2ban reads ADDR as an address. It cuts the date out of a line of a file before it matches.
    private static Regex FilterOfGuide()
    {
        var filter = Guide.Snippet("ini", "failregex = ");
        var pattern = FailRegex().Match(filter).Groups[1].Value;
        Assert.Contains("<ADDR>", pattern, StringComparison.Ordinal);
        return new Regex(
            pattern.Replace("<ADDR>", "(?<address>[0-9a-fA-F:.]+)", StringComparison.Ordinal), RegexOptions.CultureInvariant);
    }

    [GeneratedRegex("^failregex = (.+)$", RegexOptions.Multiline)]
    private static partial Regex FailRegex();
}
