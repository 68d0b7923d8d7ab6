using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A copy of the sources, in whose root the commands of the guide run as they are written.</summary>
public sealed class Checkout : IDisposable
{
    private static readonly string[] Made = ["bin", "obj", "data", "node_modules"];

    private readonly DirectoryInfo parent = Directory.CreateTempSubdirectory("authserver-guide-");

    public Checkout()
    {
        Root = parent.CreateSubdirectory("authserver").FullName;
        foreach (var file in new[] { ".editorconfig", "Directory.Build.props", "Directory.Packages.props", "global.json" })
        {
            File.Copy(Path.Combine(Repository.Folder, file), Path.Combine(Root, file));
        }

        Copy(new DirectoryInfo(Path.Combine(Repository.Folder, "src")), Path.Combine(Root, "src"));
    }

    /// <summary>The root of the copy. Folders like <c>../Demo</c> are beside it.</summary>
    public string Root { get; }

    /// <summary>The path of a file or folder, given from the root.</summary>
    public string PathOf(string path) => Path.GetFullPath(path, Root);

    /// <summary>Replaces a file, given from the root.</summary>
    public async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        await File.WriteAllTextAsync(PathOf(path), text, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs the commands of a snippet, one a line, in the root.</summary>
    public async Task RunLinesAsync(string snippet)
    {
        foreach (var line in snippet.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RunAsync(line);
        }
    }

    /// <summary>Runs a command in the root, which has to succeed.</summary>
    /// <returns>The text that the command wrote to standard output.</returns>
    public async Task<string> RunAsync(string command)
    {
        using var process = Process.Start(StartOf(command))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command}\n{await output}{await errors}");
        return await output;
    }

    /// <summary>The settings to start a command in the root, with its output redirected.</summary>
    public ProcessStartInfo StartOf(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Build servers would outlive the test and keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";

        // The sources were analyzed when the tests were built.
        start.Environment["RunAnalyzers"] = "false";
        return start;
    }

    public void Dispose() => parent.Delete(recursive: true);

    private static void Copy(DirectoryInfo source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in source.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(target, file.Name));
        }

        foreach (var folder in source.EnumerateDirectories().Where(folder => !Made.Contains(folder.Name)))
        {
            Copy(folder, Path.Combine(target, folder.Name));
        }
    }
}
