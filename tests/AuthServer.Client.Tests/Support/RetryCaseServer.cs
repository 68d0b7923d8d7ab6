using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace AuthServer.Client.Tests.Support;

/// <summary>A server that answers the attempts of a case by its script, in place of the network.</summary>
public sealed class RetryCaseServer(RetryCase script, DeviceClock clock) : HttpMessageHandler
{
    private static readonly Guid OtherSession = new("22222222-2222-2222-2222-222222222222");

    private readonly ConcurrentQueue<Attempt> attempts = [];
    private readonly ConcurrentDictionary<string, string> results = [];
    private TimeSpan? start;

    /// <summary>Runs when an attempt begins to wait for its answer or ends.</summary>
    public Action? OnChange { get; set; }

    public IReadOnlyCollection<Attempt> Attempts => attempts;

    /// <summary>True while an attempt waits for its answer.</summary>
    public bool HasOpenAttempt => attempts.Any(attempt => attempt.IsOpen);

    /// <summary>Begins the script: this moment is 0.</summary>
    public void Start() => start = clock.Elapsed;

    /// <summary>The access token that the request of a call carried.</summary>
    public string ResultOf(int call) => results[$"?call={call}"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath.Trim('/');
        if (path == script.Request && start is { } zero)
        {
            return await AnswerAsync(request, zero, cancellationToken);
        }

        switch (path)
        {
            case "login":
                return start is null ? StubServer.Pair(0) : StubServer.Pair(50, OtherSession);
            case "refresh":
                return StubServer.Pair(1);
            case "logout":
                return new HttpResponseMessage(HttpStatusCode.NoContent);
        }

        results[request.RequestUri.Query] = request.Headers.Authorization?.Parameter ?? "no token";
        return StubServer.Ok();
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, TimeSpan zero, CancellationToken ct)
    {
        var body = await request.Content!.ReadAsStringAsync(CancellationToken.None);
        var attempt = new Attempt(clock.Elapsed - zero, RefreshTokenIn(body));
        Assert.All(attempts, earlier => Assert.False(earlier.IsOpen, "The connection of an earlier attempt is still open."));
        attempts.Enqueue(attempt);
        var number = attempts.Count;
        var answer = script.Answers[Math.Min(number, script.Answers.Count) - 1];
        if (answer.After > 0 || answer.Silent)
        {
            await WaitAsync(attempt, answer, ct);
        }

        return answer.Lost ? throw new HttpRequestException("lost") : ResponseOf(answer, attempt, number);
    }

    // The timer and the cancellation change the state at once, so that the run sees no moment between.
    private async Task WaitAsync(Attempt attempt, ScriptedAnswer answer, CancellationToken ct)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Close(bool isCancelled)
        {
            attempt.IsOpen = false;
            _ = isCancelled ? !answer.Deaf && over.TrySetCanceled(ct) : over.TrySetResult();
            OnChange?.Invoke();
        }

        // The run moves the clock as soon as the attempt is open, so its timer has to be there before.
        var after = answer.Silent ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(answer.After);
        await using var arrival = clock.CreateTimer(_ => Close(isCancelled: false), null, after, Timeout.InfiniteTimeSpan);
        attempt.IsOpen = true;
        await using var cancellation = ct.Register(() => Close(isCancelled: true));
        OnChange?.Invoke();
        await over.Task;
    }

    private static HttpResponseMessage ResponseOf(ScriptedAnswer answer, Attempt attempt, int number)
    {
        var response = answer switch
        {
            { Page: true } => StubServer.Page(answer.Status),
            { Code: { } code } => StubServer.Problem(answer.Status, code, answer.Reason, answer.Outcome),
            { Status: 204 } => new HttpResponseMessage(HttpStatusCode.NoContent),
            _ => StubServer.Pair(number, attempt.Presented == "r50" ? OtherSession : null),
        };
        foreach (var (name, value) in answer.Headers ?? new Dictionary<string, string>())
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    private static string? RefreshTokenIn(string body) =>
        JsonDocument.Parse(body).RootElement.TryGetProperty("refreshToken", out var token) ? token.GetString() : null;
}

/// <summary>An attempt as it arrived.</summary>
/// <param name="At">Time since the script began.</param>
/// <param name="Presented">The refresh token in its body; null for none.</param>
public sealed record Attempt(TimeSpan At, string? Presented)
{
    /// <summary>True while the request waits for its answer.</summary>
    public bool IsOpen { get; set; }
}
