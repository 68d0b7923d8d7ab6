using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>Where and how it was measured, without which figures say nothing.</summary>
internal static class Setting
{
    private static readonly string[] Packages =
    [
        "BCrypt.Net-Next", "Microsoft.AspNetCore.Authentication.JwtBearer", "Microsoft.EntityFrameworkCore.Sqlite",
        "Microsoft.AspNetCore.Identity.EntityFrameworkCore", "OpenIddict.AspNetCore",
    ];

    public static Table Describe(Pace pace)
    {
        var table = new Table("Setting", "value");
        table.Add("processor", $"{Environment.ProcessorCount} × {FirstValue("/proc/cpuinfo", "model name")}");
        table.Add("memory", FirstValue("/proc/meminfo", "MemTotal"));
        table.Add("kernel", $"{RuntimeInformation.OSDescription}, {FirstWordsOf("/proc/sys/kernel/osrelease")}");
        table.Add("file system of the databases", FileSystem());
        table.Add(".NET", RuntimeInformation.FrameworkDescription);
        var versions = XDocument.Load(Path.Combine(Repository.Folder, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!);
        foreach (var package in Packages)
        {
            table.Add(package, versions[package]);
        }

        var npm = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Folder, Peers.NodeFolder, "package.json")))!["dependencies"]!;
        table.Add("npm packages, where node is there", string.Join(", ", npm.AsObject().Select(package => $"{package.Key} {package.Value}")));
        table.Add("rounds", string.Create(
            CultureInfo.InvariantCulture, $"{pace.Rounds} of {pace.Seconds.TotalSeconds} s, interleaved, each after {pace.WarmUp.TotalSeconds} s of warm-up"));
        table.Add("figures", "median (least – most) of the rounds");
        table.Add("garbage collector", "AuthServer and Kestrel alone: workstation, not concurrent, memory kept; others: as they come");
        table.Add("durability", "SQLite, WAL, synchronous=FULL");
        table.Add("passwords", "bcrypt at work factor 4, and at 11 where logins are measured");
        return table;
    }

    private static string FirstValue(string file, string name) =>
        File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";

    private static string FirstWordsOf(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";

    // The mount with the longest path is the one that a file is on.
    private static string FileSystem() => DriveInfo.GetDrives()
        .Where(drive => drive.IsReady && Repository.Artifacts.StartsWith(drive.Name, StringComparison.Ordinal))
        .MaxBy(drive => drive.Name.Length)?.DriveFormat ?? "unknown";
}
