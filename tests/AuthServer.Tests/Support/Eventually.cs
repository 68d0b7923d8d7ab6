using System.Runtime.CompilerServices;

namespace AuthServer.Tests.Support;

/// <summary>Waits for effects that come later, such as those of one node on another.</summary>
internal static class Eventually
{
    // For tests that fail by waiting. Deliberately real time: PostgreSQL and its driver use it too.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Checks a condition until it is true. After three minutes the test fails with the text of the condition.</summary>
    public static async Task BecomesAsync(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        var ct = TestContext.Current.CancellationToken;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(Timeout);
        while (!await condition())
        {
            if (end.IsCancellationRequested)
            {
                ct.ThrowIfCancellationRequested();
                Assert.Fail($"Not true after {Timeout}: {text}");
            }

            await Task.Delay(PollInterval, ct);
        }
    }

    /// <inheritdoc cref="BecomesAsync(Func{Task{bool}}, string)"/>
    public static Task BecomesAsync(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null) =>
        BecomesAsync(() => Task.FromResult(condition()), text);
}
