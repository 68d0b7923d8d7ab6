using System.Reflection;

namespace AuthServer.Benchmarks.Servers;

/// <summary>The checkout that this program was built from, and the folder for its artifacts.</summary>
internal static class Repository
{
    public static readonly string Folder = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Repository").Value!,
        AppContext.BaseDirectory);

    /// <summary>
    /// Folder of the published servers, their data and the reports. It is in the checkout, because a temporary folder may be in
    /// memory.
    /// </summary>
    public static readonly string Artifacts = Path.Combine(Folder, "artifacts", "benchmarks");

    /// <summary>Creates an empty folder for the data of a server.</summary>
    public static string NewDataFolder(string name)
    {
        var folder = Path.Combine(Artifacts, "data", $"{name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Deletes a folder and its contents.</summary>
    public static void Remove(string folder) => Directory.Delete(folder, recursive: true);
}
