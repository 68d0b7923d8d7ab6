namespace AuthServer.Storage;

/// <summary>The other providers that users can log in by. An identity at any other one is no credential.</summary>
/// <param name="Names">Their names on buttons, by their ids.</param>
internal sealed record UsableProviders(IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Their ids.</summary>
    public IReadOnlyCollection<string> Ids { get; } = [.. Names.Keys];

    /// <summary>The name of a provider; its id if it is configured no more.</summary>
    public string NameOf(string id) => Names.GetValueOrDefault(id, id);
}
