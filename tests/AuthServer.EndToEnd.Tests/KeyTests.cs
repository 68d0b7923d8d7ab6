using System.Net;
using System.Security.Cryptography;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class KeyTests
{
    /// <summary>Unsuitable keys, each with the reason.</summary>
    public static TheoryData<string, string> UnsuitableKeys => new()
    {
        { "empty", "" },
        { "not base64", "not base64, but 32 characters or more" },
        { "31 bytes", "TpLbKJ0m4xqkS0uXhX1v8yqVwq0rYq7n3Q5oWm2dZQ==" },
        { "32 zeros", Convert.ToBase64String(new byte[32]) },
        { "pattern", Convert.ToBase64String([.. Enumerable.Range(0, 64).Select(i => (byte)(i % 16 * 17))]) },
        { "text", Convert.ToBase64String("correct horse battery staple, and some more"u8) },
    };

    [Theory]
    [MemberData(nameof(UnsuitableKeys))]
    public async Task Unsuitable_configured_key_prevents_start(string reason, string key)
    {
        using var data = new DataFolder();
        var sentence = (await ServerProcess.RunAsync(data, "Keys:Root:1=" + NewKey(), "Keys:Root:7=" + key))
            .ShouldBeRefusal("Keys:Root:7");
        Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), reason);
    }

    [Theory]
    [MemberData(nameof(UnsuitableKeys))]
    public async Task Unsuitable_key_file_prevents_start(string reason, string key)
    {
        using var data = new DataFolder();
        WriteKey(data, "root-1.key", key);
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(Path.Combine(data.Keys, "root-1.key"));
        Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), reason);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("300")]
    public async Task Highest_number_without_key_prevents_start(string highest)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, "Keys:Highest=" + highest)).ShouldBeRefusal("Keys:Highest");
        Assert.False(Directory.Exists(data.Keys));
    }

    [Theory]
    [InlineData("256")]
    [InlineData("-1")]
    [InlineData("first")]
    [InlineData("01")]
    public async Task Key_number_outside_0_to_255_prevents_start(string id)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, $"Keys:Root:{id}={NewKey()}")).ShouldBeRefusal("Keys:Root:" + id);

        WriteKey(data, $"root-{id}.key", NewKey());
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal($"root-{id}.key");
    }

    [Fact]
    public async Task Lost_root_key_stops_start_until_its_loss_is_accepted()
    {
        using var data = new DataFolder();
        Pair pair;
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("ada");
            pair = await server.Http.LogInAsync("ada");
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        File.Delete(Path.Combine(data.Keys, "root-1.key"));
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal("--accept-new-keys");
        Assert.Empty(Directory.GetFiles(data.Keys));

        await using (var server = await ServerProcess.StartAsync(new ServerCommand(data) { Verb = ["--accept-new-keys"] }))
        {
            await (await server.Http.PostAsync("/refresh", new { pair.RefreshToken }))
                .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "refresh_token_invalid");
            pair = await server.Http.LogInAsync("ada");
            Assert.Equal([Path.Combine(data.Keys, "root-2.key")], Directory.GetFiles(data.Keys));
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        await using var next = await ServerProcess.StartAsync(data);
        await next.Http.RefreshAsync(pair.RefreshToken);
    }

    [Fact]
    public async Task File_in_place_of_key_folder_prevents_start()
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);
        await File.WriteAllTextAsync(data.Keys, "", TestContext.Current.CancellationToken);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Keys);
    }

    [Fact]
    public async Task Configured_keys_are_used_and_no_keys_are_created()
    {
        using var data = new DataFolder();
        string[] settings = ["Keys:Root:0=" + NewKey(), "Keys:Root:255=" + NewKey()];
        Pair pair;
        await using (var server = await ServerProcess.StartAsync(data, settings))
        {
            await server.Http.RegisterAsync("ada");
            pair = await server.Http.LogInAsync("ada");
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        Assert.False(Directory.Exists(data.Keys));
        await using var next = await ServerProcess.StartAsync(data, settings);
        await next.Http.RefreshAsync(pair.RefreshToken);
    }

    [Fact]
    public async Task First_start_killed_before_its_key_is_complete_can_be_repeated()
    {
        await SystemCallTrace.SkipUnlessAvailableAsync();
        using var data = new DataFolder();

        // Killed when the file of the key gets its name.
        string[] launcher =
            ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:signal=SIGKILL:when=1"];
        var killed = await ServerProcess.RunAsync(new ServerCommand(data) { Launcher = launcher });
        Assert.Equal(128 + 9, killed.Code);
        Assert.Empty(Directory.GetFiles(data.Keys, "*.key"));

        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        await server.Http.LogInAsync("ada");
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static void WriteKey(DataFolder data, string name, string key)
    {
        Directory.CreateDirectory(data.Keys);
        File.WriteAllText(Path.Combine(data.Keys, name), key);
    }
}
