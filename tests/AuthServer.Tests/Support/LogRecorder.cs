using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests.Support;

/// <summary>Keeps all lines that the server logs.</summary>
public sealed class LogRecorder : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string? Event, string Text)> lines = [];

    public IReadOnlyCollection<(LogLevel Level, string? Event, string Text)> Lines => lines;

    /// <summary>Asserts that there is a line of an event, at a level and with a text in it.</summary>
    public void LineShouldBe(string name, LogLevel level, string text) => Assert.Contains(
        lines, line => line.Event == name && line.Level == level && line.Text.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Logger(lines);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(LogLevel Level, string? Event, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, eventId.Name, formatter(state, exception) + exception));
    }
}
