namespace AuthServer.Storage;

/// <summary>The other providers that users can log in by. An identity at any other one is no credential.</summary>
/// <param name="Ids">Their ids.</param>
internal sealed record UsableProviders(IReadOnlyCollection<string> Ids);
