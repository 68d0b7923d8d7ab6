namespace AuthServer.Benchmarks.Load;

/// <summary>Unexpected responses of a server, which make the figures of a round meaningless.</summary>
internal sealed class LoadException(string request, long count, string first)
    : Exception($"{request}: {count} unexpected responses, the first of which was: {first}");
