using System.ComponentModel.DataAnnotations;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Health;

/// <summary>The section <c>Shutdown</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>
    /// Time for which a server that is asked to stop still works, but is not ready. 0 to 5 minutes; 0 unless set.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Drain { get; set; }
}

/// <summary>Delays a stop, so that balancers find the node not ready and send requests elsewhere before it closes.</summary>
internal sealed class Drain(IOptions<ShutdownOptions> options, TimeProvider clock) : IHostedLifecycleService, INodeCondition
{
    private volatile bool hasBegun;
    private volatile bool hasTimedOut;

    /// <inheritdoc/>
    public string? NotReadyReason => hasBegun ? "It is about to stop." : null;

    /// <inheritdoc/>
    public bool IsOfNodeAlone => true;

    /// <summary>True if the time for the stop was over before all requests were answered.</summary>
    public bool HasTimedOut => hasTimedOut;

    /// <summary>Runs before the server closes its addresses.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        hasBegun = true;
        await Task.Delay(options.Value.Drain, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the server has closed its connections.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        hasTimedOut = cancellationToken.IsCancellationRequested;
        return Task.CompletedTask;
    }
}
