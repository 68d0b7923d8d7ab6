namespace AuthServer.Hosting;

/// <summary>Thrown if the server can't start. The message is one sentence with the cause and the cure.</summary>
internal sealed class StartupException(string message) : Exception(message);
