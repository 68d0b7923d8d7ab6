namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Tests that load the whole machine. They run one after another, after all parallel tests.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class SequentialTests;
