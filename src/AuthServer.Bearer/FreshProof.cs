using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Bearer;

/// <summary>Requires that the user has lately proved who they are.</summary>
/// <param name="MaxAge">The longest time since the proof.</param>
internal sealed record FreshProofRequirement(TimeSpan MaxAge) : IAuthorizationRequirement;

/// <summary>Weighs the claim <c>auth_time</c>.</summary>
internal sealed class FreshProofHandler(TimeProvider clock) : AuthorizationHandler<FreshProofRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, FreshProofRequirement requirement)
    {
        if (context.User.FindFirst(JwtRegisteredClaimNames.AuthTime) is { Value: var text }
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds) <= requirement.MaxAge)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
