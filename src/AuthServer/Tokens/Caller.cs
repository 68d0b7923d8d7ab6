using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>Who calls a private route, from the claims of a valid access token. A route takes it as a parameter.</summary>
/// <param name="UserId">The claim <c>sub</c>.</param>
/// <param name="SessionId">The claim <c>sid</c>.</param>
internal sealed record Caller(Guid UserId, Guid SessionId)
{
    /// <summary>Called by the framework to make the parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(new Caller(
        Guid.Parse(context.User.FindFirstValue(JwtRegisteredClaimNames.Sub)!),
        Guid.Parse(context.User.FindFirstValue(JwtRegisteredClaimNames.Sid)!)));
}
