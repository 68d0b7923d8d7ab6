using AuthServer.Hosting;

namespace AuthServer.Tests.Support;

/// <summary>Starts that are refused.</summary>
internal static class FailedStart
{
    private const int MaxAttempts = 20;

    /// <summary>
    /// Starts servers until one says why it does not start. The factory loses the reason if the program has ended before it asks.
    /// </summary>
    public static StartupException Of(Func<AuthServerApp> create) => Of<StartupException>(create);

    /// <inheritdoc cref="Of(Func{AuthServerApp})"/>
    /// <typeparam name="T">The type of the reason.</typeparam>
    public static T Of<T>(Func<AuthServerApp> create)
        where T : Exception
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            using var app = create();
            switch (Record.Exception(() => app.CreateClient()))
            {
                case T refusal:
                    return refusal;
                case ObjectDisposedException:
                    continue;
                case var exception:
                    Assert.Fail($"The start was not refused, but ended with {exception}.");
                    break;
            }
        }

        throw new InvalidOperationException("No start said why it was refused.");
    }
}
