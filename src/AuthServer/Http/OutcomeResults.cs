using AuthServer.Core;

namespace AuthServer.Http;

internal static class OutcomeResults
{
    /// <summary>
    /// The answer for an outcome: the result of <paramref name="ok"/> for its value, or the problem of its refusal.
    /// </summary>
    public static IResult ToResult<T>(this Outcome<T> outcome, Func<T, IResult> ok) =>
        outcome.Refusal is { } refusal ? AuthProblems.From(refusal) : ok(outcome.Value);
}
