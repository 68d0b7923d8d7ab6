namespace AuthServer.Benchmarks.Load;

/// <summary>A server did not answer as it has to, so its figures would mean nothing.</summary>
internal sealed class LoadException(string what, long count, string first)
    : Exception($"{what}: {count} answers were none that was asked for. The first: {first}");
