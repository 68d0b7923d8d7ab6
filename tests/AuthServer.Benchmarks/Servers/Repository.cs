using System.Reflection;

namespace AuthServer.Benchmarks.Servers;

/// <summary>The checkout that this program was built from, and what is made in it.</summary>
internal static class Repository
{
    public static readonly string Folder = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Repository").Value!,
        AppContext.BaseDirectory);

    /// <summary>Where published servers, their data and the report go. On the disk of the checkout: a temporary folder may be memory.</summary>
    public static readonly string Artifacts = Path.Combine(Folder, "artifacts", "benchmarks");

    /// <summary>An empty folder for the data of a server.</summary>
    public static string NewDataFolder(string name)
    {
        var folder = Path.Combine(Artifacts, "data", $"{name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Removes a folder with all that is in it.</summary>
    public static void Remove(string folder) => Directory.Delete(folder, recursive: true);
}
