using System.Security.Cryptography;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class KeyTests
{
    /// <summary>Why a key is unfit, and one that is.</summary>
    public static TheoryData<string, string> UnfitKeys => new()
    {
        { "empty", "" },
        { "not base64", "no base64, but 32 characters or more" },
        { "31 bytes", "TpLbKJ0m4xqkS0uXhX1v8yqVwq0rYq7n3Q5oWm2dZQ==" },
        { "32 zeros", Convert.ToBase64String(new byte[32]) },
        { "a pattern", Convert.ToBase64String([.. Enumerable.Range(0, 64).Select(i => (byte)(i % 16 * 17))]) },
        { "a text", Convert.ToBase64String("correct horse battery staple, and some more"u8) },
    };

    [Theory]
    [MemberData(nameof(UnfitKeys))]
    public async Task Key_that_is_unfit_stops_the_start_where_it_is_configured(string why, string key)
    {
        using var data = new DataFolder();
        var access = await ServerProcess.RunAsync(data, "Keys:Access:1=" + key, "Keys:Refresh:1=" + NewKey());
        var refresh = await ServerProcess.RunAsync(data, "Keys:Access:1=" + NewKey(), "Keys:Refresh:7=" + key);
        Assert.All([access.ShouldBeRefusal("Keys:Access:1"), refresh.ShouldBeRefusal("Keys:Refresh:7")], sentence =>
            Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), why));
    }

    [Theory]
    [MemberData(nameof(UnfitKeys))]
    public async Task Key_that_is_unfit_stops_the_start_where_it_is_a_file(string why, string key)
    {
        using var data = new DataFolder();
        WriteKey(data, "access-1.key", key);
        WriteKey(data, "refresh-1.key", NewKey());
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(Path.Combine(data.Keys, "access-1.key"));
        Assert.True(key.Length == 0 || !sentence.Contains(key, StringComparison.Ordinal), why);
    }

    [Theory]
    [InlineData("Access", "Refresh")]
    [InlineData("Refresh", "Access")]
    public async Task Keys_of_one_kind_alone_stop_the_start(string configured, string missing)
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
    public async Task Highest_number_that_leaves_no_key_stops_the_start(string highest)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, "Keys:Highest=" + highest)).ShouldBeRefusal("Keys:Highest");
    }

    [Fact]
    public async Task Key_of_both_kinds_stops_the_start()
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
    public async Task Key_without_a_number_from_0_to_255_stops_the_start(string id)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, $"Keys:Access:{id}={NewKey()}", "Keys:Refresh:1=" + NewKey()))
            .ShouldBeRefusal("Keys:Access:" + id);

        WriteKey(data, $"access-{id}.key", NewKey());
        WriteKey(data, "refresh-1.key", NewKey());
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal($"access-{id}.key");
    }

    [Fact]
    public async Task Key_folder_that_is_a_file_stops_the_start()
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);
        await File.WriteAllTextAsync(data.Keys, "", TestContext.Current.CancellationToken);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Keys);
    }

    [Fact]
    public async Task Keys_that_are_configured_are_used_and_none_are_made()
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
    public async Task First_start_that_is_killed_between_its_keys_can_be_repeated()
    {
        await SystemCallTrace.NeedAsync();
        using var data = new DataFolder();

        // The second file to get its name does not get it.
        string[] killing = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:signal=SIGKILL:when=2"];
        var killed = await ServerProcess.RunAsync(new ServerCommand(data) { Through = killing });
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
