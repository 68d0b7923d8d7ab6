using AuthServer.Hosting;

namespace AuthServer.Tests.Support;

/// <summary>Starts that are refused.</summary>
internal static class FailedStart
{
    /// <summary>
    /// Starts servers until one says why it does not start. The factory loses the reason if the program has ended before it asks.
    /// </summary>
    public static StartupException Of(Func<AuthServerApp> create)
    {
        while (true)
        {
            using var app = create();
            switch (Record.Exception(() => app.Services))
            {
                case StartupException refusal:
                    return refusal;
                case ObjectDisposedException:
                    continue;
                case var other:
                    Assert.Fail($"The start was not refused, but ended with {other}.");
                    break;
            }
        }
    }
}
