namespace AuthServer.Hosting;

/// <summary>Thrown if the server can't start. The message is one sentence with the cause and the cure.</summary>
internal sealed class StartupException(string message) : Exception(message)
{
    /// <summary>The exit code of a line or an environment that names something that does not exist.</summary>
    public const int Invalid = 2;

    /// <summary>The exit code of the program.</summary>
    public int ExitCode { get; init; } = 1;
}
