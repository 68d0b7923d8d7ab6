using System.Reflection;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    public static readonly string Folder = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Repository").Value!,
        AppContext.BaseDirectory);
}
