namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Tests that keep the whole machine busy, one after the other and after all others.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
