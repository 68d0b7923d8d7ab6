using AuthServer.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;

namespace AuthServer.Tokens;

/// <summary>
/// Lets a token pass that was in order once and still is, without the way through the guard. One that is not found, not alive or of
/// an ended session takes the whole way, and so gets its error there.
/// </summary>
internal sealed class CachingPolicyEvaluator(
    IAuthorizationService authorization, AccessTokenRules rules, ValidatedTokenCache validated, EndedSessionCache ended)
    : PolicyEvaluator(authorization)
{
    private static readonly Task<PolicyAuthorizationResult> Passed = Task.FromResult(PolicyAuthorizationResult.Success());

    // Whatever a policy asks of the caller, who that is only an access token can say.
    private static readonly AuthorizationPolicy ByToken =
        new AuthorizationPolicyBuilder(JwtBearerDefaults.AuthenticationScheme).RequireAuthenticatedUser().Build();

    public override Task<AuthenticateResult> AuthenticateAsync(AuthorizationPolicy policy, HttpContext context)
    {
        if (Find(context.Request) is not { } token)
        {
            return base.AuthenticateAsync(ByToken, context);
        }

        context.User = token.Principal;
        context.Features.Set(token.Caller);
        return token.Authenticated;
    }

    public override Task<PolicyAuthorizationResult> AuthorizeAsync(
        AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource) =>
        policy.Requirements is [DenyAnonymousAuthorizationRequirement] && authenticationResult.Succeeded
            ? Passed
            : base.AuthorizeAsync(policy, authenticationResult, context, resource);

    private ValidatedToken? Find(HttpRequest request) =>
        RequestTokens.AccessTokenOf(request) is { IsEmpty: false } text
        && validated.Find(text) is { Caller: var caller } token
        && !rules.HasExpired(caller.IssuedAt, caller.ExpiresAt)
        && !rules.IsEarly(caller.IssuedAt)
        && ended.ReasonOf(caller.SessionId) is null
            ? token
            : null;
}
