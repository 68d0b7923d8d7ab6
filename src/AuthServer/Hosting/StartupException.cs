namespace AuthServer.Hosting;

/// <summary>A reason why the server can't start: one sentence that names the cause and the cure.</summary>
internal sealed class StartupException(string message) : Exception(message);
