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
        var access = await ServerProcess.RunAsync(data, "Keys:Access:1=" + key, "Keys:Refresh:1=" + NewKey());
        var refresh = await ServerProcess.RunAsync(data, "Keys:Access:1=" + NewKey(), "Keys:Refresh:7=" + key);
        Assert.All([access.ShouldBeRefusal("Keys:Access:1"), refresh.ShouldBeRefusal("Keys:Refresh:7")], sentence =>
            Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), reason));
    }

    [Theory]
    [MemberData(nameof(UnsuitableKeys))]
    public async Task Unsuitable_key_file_prevents_start(string reason, string key)
    {
        using var data = new DataFolder();
        WriteKey(data, "access-1.key", key);
        WriteKey(data, "refresh-1.key", NewKey());
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(Path.Combine(data.Keys, "access-1.key"));
        Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), reason);
    }

    [Theory]
    [InlineData("Access", "Refresh")]
    [InlineData("Refresh", "Access")]
    public async Task Keys_of_only_one_kind_prevent_start(string configured, string missing)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, $"Keys:{configured}:1={NewKey()}")).ShouldBeRefusal($"Keys:{missing}");

        WriteKey(data, configured.ToLowerInvariant() + "-1.key", NewKey());
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Keys);
        Assert.Contains(missing.ToLowerInvariant() + "-1.key", sentence, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(data.Keys));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("300")]
    public async Task Highest_number_without_key_prevents_start(string highest)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, "Keys:Highest=" + highest)).ShouldBeRefusal("Keys:Highest");
    }

    [Fact]
    public async Task Key_used_for_both_kinds_prevents_start()
    {
        using var data = new DataFolder();
        var key = NewKey();
        string[] settings =
            ["Keys:Access:1=" + key, "Keys:Access:2=" + NewKey(), "Keys:Refresh:1=" + NewKey(), "Keys:Refresh:2=" + key];
        var sentence = (await ServerProcess.RunAsync(data, settings)).ShouldBeRefusal("access key is also a refresh key");
        Assert.DoesNotContain(key, sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("256")]
    [InlineData("-1")]
    [InlineData("first")]
    [InlineData("01")]
    public async Task Key_number_outside_0_to_255_prevents_start(string id)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, $"Keys:Access:{id}={NewKey()}", "Keys:Refresh:1=" + NewKey()))
            .ShouldBeRefusal("Keys:Access:" + id);

        WriteKey(data, $"access-{id}.key", NewKey());
        WriteKey(data, "refresh-1.key", NewKey());
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal($"access-{id}.key");
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
        string[] settings = ["Keys:Access:0=" + NewKey(), "Keys:Refresh:255=" + NewKey()];
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
    public async Task First_start_killed_between_creation_of_keys_can_be_repeated()
    {
        await SystemCallTrace.SkipUnlessAvailableAsync();
        using var data = new DataFolder();

        // Killed when the temporary file of the second key is renamed.
        string[] launcher =
            ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:signal=SIGKILL:when=2"];
        var killed = await ServerProcess.RunAsync(new ServerCommand(data) { Launcher = launcher });
        Assert.Equal(128 + 9, killed.Code);
        Assert.Single(Directory.GetFiles(data.Keys, "*.key"));

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
