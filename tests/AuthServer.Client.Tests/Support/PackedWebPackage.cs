namespace AuthServer.Client.Tests.Support;

/// <summary>The result of <c>npm pack</c>.</summary>
/// <param name="Source">The folder that was packed, with the packages of its development.</param>
/// <param name="Tarball">The path of the package.</param>
/// <param name="Files">The paths in it.</param>
public sealed record PackedWebPackage(string Source, string Tarball, IReadOnlyList<string> Files);
