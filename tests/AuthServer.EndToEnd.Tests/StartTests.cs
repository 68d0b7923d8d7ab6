using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class StartTests
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    [Fact]
    public async Task First_start_logs_its_address()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data);
        var address = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Contains(server.Output, line => line.Contains($"listens on {address};", StringComparison.Ordinal)
            && line.Contains($"{address}/docs", StringComparison.Ordinal));
        await (await server.Http.GetAsync("/docs", TestContext.Current.CancellationToken)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Start_without_docs_logs_no_address_of_them()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "Docs:Enabled=false");
        Assert.Contains(server.Output, line => line.Contains("listens on http://127.0.0.1:", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Output, line => line.Contains("/docs", StringComparison.Ordinal));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task First_start_creates_files_that_only_owner_can_open()
    {
        using var data = new DataFolder();

        // With this mask, all accounts can open a file that is created without a mode.
        var command = new ServerCommand(data) { Launcher = ["/bin/sh", "-c", "umask 0; exec \"$@\"", "sh"] };
        await using var server = await ServerProcess.StartAsync(command);
        await server.Http.RegisterAsync("ada");

        string[] files =
        [
            data.Database, data.Database + "-wal", data.Database + "-shm", data.Database + ".lock",
            Path.Combine(data.Keys, "root-1.key"),
        ];
        Assert.Equal(files.Order(), Directory.GetFiles(data.Data, "*", SearchOption.AllDirectories).Order());
        Assert.All(files, file => Assert.Equal(PrivateFile, File.GetUnixFileMode(file)));
        Assert.All([data.Data, data.Keys], folder => Assert.Equal(PrivateFolder, File.GetUnixFileMode(folder)));
    }

    [Fact]
    public async Task Start_without_settings_uses_port_5080_and_content_root()
    {
        var isFree = IsFree(IPAddress.Loopback, 5080) && IsFree(IPAddress.IPv6Loopback, 5080);
        Assert.SkipUnless(isFree, "needs port 5080, which is in use");
        using var data = new DataFolder();
        foreach (var file in Directory.GetFiles(ServerCommand.BuildFolder, "appsettings*.json"))
        {
            File.Copy(file, Path.Combine(data.Root, Path.GetFileName(file)));
        }

        var command = new ServerCommand(data) { Settings = [], WorkingDirectory = data.Root };
        await using var server = await ServerProcess.StartAsync(command);
        Assert.Equal(new Uri("http://localhost:5080"), server.Http.BaseAddress);
        Assert.True(File.Exists(data.Database));
        Assert.Single(Directory.GetFiles(data.Keys));
    }

    [Fact]
    public async Task Server_watches_no_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, which lists the file watches of a process");
        using var data = new DataFolder();
        Directory.CreateDirectory(Path.Combine(data.Root, "a", "b"));
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { WorkingDirectory = data.Root });
        var lines = Directory.EnumerateFiles($"/proc/{server.Id}/fdinfo").SelectMany(ReadIfOpen);
        Assert.DoesNotContain(lines, line => line.StartsWith("inotify", StringComparison.Ordinal));

        static string[] ReadIfOpen(string file)
        {
            try
            {
                return File.ReadAllLines(file);
            }
            catch (IOException)
            {
                return [];
            }
        }
    }

    [Fact]
    public async Task Second_server_on_same_data_refuses_to_start()
    {
        using var data = new DataFolder();
        await using var first = await ServerProcess.StartAsync(data);
        await first.Http.RegisterAsync("ada");
        var pair = await first.Http.LogInAsync("ada");

        var second = await ServerProcess.RunAsync(data);
        var sentence = second.ShouldBeRefusal(data.Database);
        Assert.Contains("Another server", sentence, StringComparison.Ordinal);
        Assert.Contains("Data:Directory", sentence, StringComparison.Ordinal);
        Assert.Empty(second.Output);

        await first.Http.RefreshAsync(pair.RefreshToken);
    }

    [Fact]
    public async Task Second_server_on_link_to_same_file_refuses_to_start()
    {
        using var data = new DataFolder();
        await using var first = await ServerProcess.StartAsync(data);
        var link = Path.Combine(data.Root, "link.db");
        File.CreateSymbolicLink(link, data.Database);
        var second = await ServerProcess.RunAsync(data, $"ConnectionStrings:AuthServer=Data Source={link}");
        Assert.Contains("Another server", second.ShouldBeRefusal(data.Database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_killed_server_can_be_used_by_next_server()
    {
        using var data = new DataFolder();
        Pair pair;
        await using (var first = await ServerProcess.StartAsync(data))
        {
            await first.Http.RegisterAsync("ada");
            pair = await first.Http.LogInAsync("ada");
            first.Kill();
            Assert.Equal(128 + 9, (await first.ExitAsync()).Code);
        }

        await using var second = await ServerProcess.StartAsync(data);
        await second.Http.RefreshAsync(pair.RefreshToken);
    }

    [Fact]
    public async Task Port_in_use_prevents_start()
    {
        using var data = new DataFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var exit = await ServerProcess.RunAsync(data, "urls=" + address);
        exit.ShouldBeRefusal(address);
        Assert.DoesNotContain(exit.Output, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://203.0.113.1:5080")]
    [InlineData("https://127.0.0.1:0")]
    public async Task Invalid_address_prevents_start(string address)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(data, "urls=" + address)).ShouldBeRefusal(address);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("users", "add", "ada")]
    [InlineData("keys", "list")]
    public async Task Invariant_globalization_prevents_start_and_commands(params string[] verb)
    {
        using var data = new DataFolder();
        var command = new ServerCommand(data)
        {
            Variables = new Dictionary<string, string> { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
            Verb = verb is ["serve"] ? [] : verb,
            Settings = ["Data:Directory=" + data.Data],
        };
        (await ServerProcess.RunAsync(command)).ShouldBeRefusal("remove DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
        Assert.False(Directory.Exists(data.Data));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(511)]
    public async Task Too_few_open_files_prevent_start(int files)
    {
        using var data = new DataFolder();
        (await ServerProcess.RunAsync(WithFiles(data, files))).ShouldBeRefusal($"may open {files} files");
        Assert.False(Directory.Exists(data.Data));
    }

    [Theory]
    [InlineData(1024, 1)]
    [InlineData(4096, 0)]
    public async Task Few_open_files_are_logged(int files, int lines)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(WithFiles(data, files));
        Assert.Equal(lines, server.Output.OfEvent(ServerEvent.FewFilesAllowed).Count);
    }

    [Fact]
    public async Task Database_in_memory_is_logged()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "needs /dev/shm, a file system in memory");
        using var data = new DataFolder();
        var folder = Directory.CreateDirectory("/dev/shm/authserver-" + Path.GetRandomFileName());
        try
        {
            await using var server = await ServerProcess.StartAsync(data, $"Data:Directory={folder.FullName}/data");
            var line = Assert.Single(server.Output.OfEvent(ServerEvent.FileSystemDoubtful));
            Assert.Contains("tmpfs", line, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ServerCommand WithFiles(DataFolder data, int files) =>
        new(data) { Launcher = ["/bin/sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh"] };

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
