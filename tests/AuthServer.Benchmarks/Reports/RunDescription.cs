using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using Microsoft.Data.Sqlite;

namespace AuthServer.Benchmarks.Reports;

/// <summary>Describes the machine, the versions and the settings of a run, without which its figures have no meaning.</summary>
internal static class RunDescription
{
    private static readonly string[] Packages =
    [
        "BCrypt.Net-Next", "Microsoft.AspNetCore.Authentication.JwtBearer", "Microsoft.EntityFrameworkCore.Sqlite",
        "Microsoft.AspNetCore.Identity.EntityFrameworkCore", "OpenIddict.AspNetCore", "Npgsql.EntityFrameworkCore.PostgreSQL",
    ];

    public static async Task<Table> CreateAsync(Schedule schedule, CancellationToken ct)
    {
        var table = new Table("Setting", "value");
        AddMachine(table);
        await AddVersionsAsync(table, ct);
        AddSettings(table, schedule);
        return table;
    }

    /// <summary>Returns the file system of a folder, such as <c>ext4</c>.</summary>
    public static string FileSystemOf(string folder) => DriveInfo.GetDrives()
        .Where(drive => drive.IsReady && folder.StartsWith(drive.Name, StringComparison.Ordinal))
        .MaxBy(drive => drive.Name.Length)?.DriveFormat ?? "unknown";

    private static void AddMachine(Table table)
    {
        table.Add("processor", $"{Environment.ProcessorCount} × {FirstValue("/proc/cpuinfo", "model name")}");
        table.Add("memory", FirstValue("/proc/meminfo", "MemTotal"));
        table.Add("kernel", $"{RuntimeInformation.OSDescription}, {ContentOf("/proc/sys/kernel/osrelease")}");
        table.Add("file system of the SQLite databases", FileSystemOf(Repository.Artifacts));
    }

    private static async Task AddVersionsAsync(Table table, CancellationToken ct)
    {
        if (Tool.IsInstalled("git") && Path.Exists(Path.Combine(Repository.Folder, ".git")))
        {
            table.Add("commit, with + if files were changed", await CommitAsync(ct));
        }

        table.Add(".NET", RuntimeInformation.FrameworkDescription);
        table.Add("SQLite of the .NET servers", SqliteVersion());
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

    private static void AddSettings(Table table, Schedule schedule)
    {
        table.Add("rounds", string.Create(
            CultureInfo.InvariantCulture, $"{schedule.Rounds} of {schedule.RoundTime.TotalSeconds} s, interleaved"));
        var (warmUp, firstWarmUp) = (schedule.WarmUp.TotalSeconds, schedule.FirstWarmUp.TotalSeconds);
        table.Add("warm-up", string.Create(
            CultureInfo.InvariantCulture, $"{warmUp} s before each workload, {firstWarmUp} s before the first of a process"));
        table.Add("figures", "median (minimum – maximum) of the rounds");
        table.Add("garbage collector", "AuthServer and Kestrel alone: workstation, not concurrent, RetainVM; the rest: defaults");
        table.Add("durability on SQLite", "WAL, synchronous=FULL");
        table.Add("passwords with bcrypt", "AuthServer, textbook, Express: work factor 11 if logins are measured, otherwise 4");
        table.Add("other passwords", "Identity and OpenIddict: Identity's PBKDF2; better-auth: scrypt; with their defaults");
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
            // For example, git refuses to read a checkout that belongs to another user.
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

    private static string FirstValue(string file, string name)
    {
        var lines = File.Exists(file) ? File.ReadLines(file) : [];
        return lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";
    }

    private static string ContentOf(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";
}
