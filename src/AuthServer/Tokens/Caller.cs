namespace AuthServer.Tokens;

/// <summary>Who calls a private route, as the access token says. A route takes it as a parameter.</summary>
/// <param name="UserId">The claim <c>sub</c>.</param>
/// <param name="SessionId">The claim <c>sid</c>.</param>
/// <param name="Username">The claim <c>preferred_username</c>.</param>
/// <param name="DisplayName">The claim <c>name</c>.</param>
/// <param name="Roles">The claim <c>roles</c>.</param>
/// <param name="IsAdmin">The claim <c>admin</c>.</param>
/// <param name="IssuedAt">The claim <c>iat</c>, in UTC.</param>
/// <param name="ExpiresAt">The claim <c>exp</c>, in UTC.</param>
internal sealed record Caller(
    Guid UserId,
    Guid SessionId,
    string Username,
    string DisplayName,
    IReadOnlyList<string> Roles,
    bool IsAdmin,
    DateTime IssuedAt,
    DateTime ExpiresAt)
{
    /// <summary>
    /// Called by the framework to make the parameter, which <see cref="BearerGuard"/> or <see cref="CachingPolicyEvaluator"/> has left with
    /// the request.
    /// </summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}
