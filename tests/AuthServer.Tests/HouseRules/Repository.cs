namespace AuthServer.Tests.HouseRules;

/// <summary>Files of the repository that people write.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);

    // A script without an extension is read too.
    private static readonly string[] Extensions =
    [
        ".cs", ".js", ".mjs", ".css", ".html", ".csproj", ".props", ".targets", ".md", ".http", ".sh", ".ps1", ".yml",
        ".editorconfig", "",
    ];

    private static readonly string[] Generated = ["bin", "obj", "node_modules", "artifacts", "TestResults", "Migrations", "data"];

    private static readonly Lazy<IReadOnlyList<SourceFile>> Read = new(() =>
    [
        .. Directory.EnumerateFiles(Root).Where(IsRead).Select(Open),
        .. new[] { ".ci", "src", "tests" }.SelectMany(folder => Walk(Path.Combine(Root, folder))).Select(Open),
    ]);

    /// <summary>Every file, read once for all tests.</summary>
    public static IReadOnlyList<SourceFile> Files => Read.Value;

    private static string FindRoot(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "AuthServer.sln")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
        }

        return folder;
    }

    private static IEnumerable<string> Walk(string folder)
    {
        var folders = Directory.EnumerateDirectories(folder).Where(child => !Generated.Contains(Path.GetFileName(child)));
        return Directory.EnumerateFiles(folder).Where(IsRead).Concat(folders.SelectMany(Walk));
    }

    // Samples break the rules on purpose.
    private static bool IsRead(string path) =>
        Extensions.Contains(Path.GetExtension(path)) && Path.GetFileName(path) != "HouseRuleSamples.cs";

    private static SourceFile Open(string path) =>
        new(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path).ReplaceLineEndings("\n"));
}
