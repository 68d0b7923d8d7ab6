using AuthServer.Core;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>Runs work between the first transaction that ends sessions and the next one.</summary>
internal sealed class EndPause : ISessionEndListener
{
    private readonly Lock starting = new();
    private Task? running;

    /// <summary>Work after the first transaction that ends sessions. The next one begins when it is done.</summary>
    public Func<Task>? AfterFirst { get; set; }

    public void AddTo(IServiceCollection services) => services.AddSingleton<ISessionEndListener>(this);

    public void OnEnded(IReadOnlyList<SessionEnd> ends)
    {
        if (ends.Count == 0)
        {
            return;
        }

        // On PostgreSQL the notification may come before the commit is answered, so both have to wait.
        lock (starting)
        {
            if (AfterFirst is { } work)
            {
                running = Task.Run(work, TestContext.Current.CancellationToken);
                AfterFirst = null;
            }
        }

        running?.GetAwaiter().GetResult();
    }
}
