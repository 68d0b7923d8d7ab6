using AuthServer.EndToEnd.Tests.Browser;
using AuthServer.EndToEnd.Tests.Cluster;
using AuthServer.EndToEnd.Tests.Documentation;
using AuthServer.EndToEnd.Tests.Libraries;
using AuthServer.EndToEnd.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Starts the longest test classes first, so that none of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        .. new[]
        {
            typeof(DotnetSnippetTests), typeof(TabTests), typeof(BlazorTests), typeof(StorageTests), typeof(LifetimeTests),
            typeof(KillTests), typeof(KeyTests), typeof(CommandLineTests), typeof(StartTests), typeof(RotationTests),
            typeof(CommandSnippetTests), typeof(DatabaseStartTests), typeof(DatabaseTests), typeof(GatewaySnippetTests),
            typeof(SettingTests), typeof(AuditCommandTests), typeof(DamageTests), typeof(TokenLibraryTests), typeof(StopTests),
        }.Select(type => $" {type.FullName} "),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(RankOf).ThenBy(collection => collection.UniqueID, StringComparer.Ordinal)];

    // The name of a class is part of the name of its collection.
    private static int RankOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(
            Longest, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal));
        return rank < 0 ? Longest.Length : rank;
    }
}
