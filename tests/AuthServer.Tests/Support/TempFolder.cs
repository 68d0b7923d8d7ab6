namespace AuthServer.Tests.Support;

/// <summary>A <c>Data:Directory</c> for servers that run one after another.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("authserver-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
