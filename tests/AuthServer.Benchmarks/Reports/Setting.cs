using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using Microsoft.Data.Sqlite;

namespace AuthServer.Benchmarks.Reports;

/// <summary>Where and how it was measured, without which figures say nothing.</summary>
internal static class Setting
{
    private static readonly string[] Packages =
    [
        "BCrypt.Net-Next", "Microsoft.AspNetCore.Authentication.JwtBearer", "Microsoft.EntityFrameworkCore.Sqlite",
        "Microsoft.AspNetCore.Identity.EntityFrameworkCore", "OpenIddict.AspNetCore", "Npgsql.EntityFrameworkCore.PostgreSQL",
    ];

    public static async Task<Table> DescribeAsync(Pace pace, CancellationToken ct)
    {
        var table = new Table("Setting", "value");
        AddMachine(table);
        await AddVersionsAsync(table, ct);
        AddRules(table, pace);
        return table;
    }

    /// <summary>What a folder is on, such as <c>ext4</c>.</summary>
    public static string FileSystemOf(string folder) => DriveInfo.GetDrives()
        .Where(drive => drive.IsReady && folder.StartsWith(drive.Name, StringComparison.Ordinal))
        .MaxBy(drive => drive.Name.Length)?.DriveFormat ?? "unknown";

    private static void AddMachine(Table table)
    {
        table.Add("processor", $"{Environment.ProcessorCount} × {FirstValue("/proc/cpuinfo", "model name")}");
        table.Add("memory", FirstValue("/proc/meminfo", "MemTotal"));
        table.Add("kernel", $"{RuntimeInformation.OSDescription}, {FirstWordsOf("/proc/sys/kernel/osrelease")}");
        table.Add("file system of the databases on SQLite", FileSystemOf(Repository.Artifacts));
    }

    private static async Task AddVersionsAsync(Table table, CancellationToken ct)
    {
        if (Tool.IsThere("git") && Path.Exists(Path.Combine(Repository.Folder, ".git")))
        {
            table.Add("commit, with + where files were changed", await CommitAsync(ct));
        }

        table.Add(".NET", RuntimeInformation.FrameworkDescription);
        table.Add("SQLite of the servers on .NET", SqliteVersion());
        var versions = XDocument.Load(Path.Combine(Repository.Folder, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!);
        foreach (var package in Packages)
        {
            table.Add(package, versions[package]);
        }

        if (Publisher.HasNode)
        {
            table.Add("node", (await Tool.RunAsync("node", ["--version"], Repository.Folder, ct)).Trim());
            table.Add("npm packages", NpmPackages());
        }
    }

    private static void AddRules(Table table, Pace pace)
    {
        table.Add("rounds", string.Create(CultureInfo.InvariantCulture, $"{pace.Rounds} of {pace.Seconds.TotalSeconds} s, interleaved"));
        table.Add("warm-up", string.Create(
            CultureInfo.InvariantCulture,
            $"{pace.WarmUp.TotalSeconds} s before each work, {pace.FirstWarmUp.TotalSeconds} s before the first of a process"));
        table.Add("figures", "median (least – most) of the rounds");
        table.Add("garbage collector", "AuthServer and Kestrel alone: workstation, not concurrent, memory kept; others: as they come");
        table.Add("durability on SQLite", "WAL, synchronous=FULL");
        table.Add("passwords by bcrypt", "AuthServer, textbook, Express: work factor 4, and 11 where logins are measured");
        table.Add("passwords otherwise", "Identity and OpenIddict: Identity's PBKDF2; better-auth: its scrypt; always as they come");
    }

    private static async Task<string> CommitAsync(CancellationToken ct)
    {
        try
        {
            var commit = await Tool.RunAsync("git", ["rev-parse", "--short", "HEAD"], Repository.Folder, ct);
            var changes = await Tool.RunAsync("git", ["status", "--porcelain"], Repository.Folder, ct);
            return commit.Trim() + (changes.Length > 0 ? "+" : "");
        }
        catch (InvalidOperationException)
        {
            // Such as in a checkout of another user, of which git says nothing.
            return "unknown";
        }
    }

    private static string SqliteVersion()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    private static string NpmPackages()
    {
        var file = File.ReadAllText(Path.Combine(Repository.Folder, Peers.NodeFolder, "package.json"));
        var packages = JsonNode.Parse(file)!["dependencies"]!.AsObject();
        return string.Join(", ", packages.Select(package => $"{package.Key} {package.Value}"));
    }

    private static string FirstValue(string file, string name) =>
        File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";

    private static string FirstWordsOf(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";
}
