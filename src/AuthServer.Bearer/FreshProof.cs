using System.Globalization;
using AuthServer.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Bearer;

/// <summary>Requires that the user has lately proved who they are.</summary>
/// <param name="MaxAge">The longest time since the proof.</param>
internal sealed record FreshProofRequirement(TimeSpan MaxAge) : IAuthorizationRequirement;

/// <summary>Weighs the claim <c>auth_time</c>, and asks the source of newer proofs before it refuses an older one.</summary>
internal sealed class FreshProofHandler(TimeProvider clock, IProofSource? source = null)
    : AuthorizationHandler<FreshProofRequirement>
{
    /// <summary>The answer for a failure by a proof alone; null for a failure that has another reason.</summary>
    public static IResult? AnswerOf(AuthorizationFailure failure)
    {
        if (failure.FailureReasons.OfType<RefusedProof>().FirstOrDefault() is { } refused)
        {
            return refused.Answer;
        }

        var failed = failure.FailedRequirements;
        return failed.Any() && failed.All(requirement => requirement is FreshProofRequirement)
            ? BearerProblems.From(new Refusal(ErrorCode.ReauthenticationRequired))
            : null;
    }

    protected override async Task HandleRequirementAsync(
        AuthorizationHandlerContext context, FreshProofRequirement requirement)
    {
        if (context.User.FindFirst(JwtRegisteredClaimNames.AuthTime) is not { Value: var text }
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return;
        }

        if (IsFresh(DateTimeOffset.FromUnixTimeSeconds(seconds), requirement))
        {
            context.Succeed(requirement);
            return;
        }

        if (source is null || context.Resource is not HttpContext http)
        {
            return;
        }

        var last = await source.FindAsync(http);
        if (last.Refusal is { } refusal)
        {
            context.Fail(new RefusedProof(this, source.AnswerOf(refusal)));
        }
        else if (IsFresh(last.Value, requirement))
        {
            context.Succeed(requirement);
        }
    }

    private bool IsFresh(DateTimeOffset proof, FreshProofRequirement requirement) =>
        clock.GetUtcNow() - proof <= requirement.MaxAge;
}

/// <summary>Carries the answer for a caller whose session is over from the check of its proof.</summary>
/// <param name="handler">The check.</param>
/// <param name="answer">The answer.</param>
internal sealed class RefusedProof(IAuthorizationHandler handler, IResult answer)
    : AuthorizationFailureReason(handler, "The session is over.")
{
    public IResult Answer => answer;
}
