using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>
/// Accepts a token that was validated before and still is valid, without JwtBearer. A token that is not in the cache, not alive
/// or of an ended session goes to JwtBearer, which answers with its error. A request without <c>Authorization</c> goes to the
/// other source of callers, if the program has one.
/// </summary>
internal sealed class CachingPolicyEvaluator(
    IAuthorizationService authorization,
    AccessTokenRules rules,
    ValidatedTokenCache validated,
    EndedSessionCache ended,
    ICallerSource? source = null)
    : PolicyEvaluator(authorization)
{
    private static readonly Task<PolicyAuthorizationResult> Passed = Task.FromResult(PolicyAuthorizationResult.Success());

    // Whatever a policy requires, a caller with Authorization is known by the access token alone.
    private static readonly AuthorizationPolicy ByToken =
        new AuthorizationPolicyBuilder(JwtBearerDefaults.AuthenticationScheme).RequireAuthenticatedUser().Build();

    public override Task<AuthenticateResult> AuthenticateAsync(AuthorizationPolicy policy, HttpContext context)
    {
        if (policy.AuthenticationSchemes is not ([] or [JwtBearerDefaults.AuthenticationScheme]))
        {
            return base.AuthenticateAsync(policy, context);
        }

        if (Find(context.Request) is { } token)
        {
            return Accept(token, context);
        }

        return source is null || context.Request.Headers.Authorization.Count > 0
            ? base.AuthenticateAsync(ByToken, context)
            : AuthenticateAsync(source, context);
    }

    public override Task<PolicyAuthorizationResult> AuthorizeAsync(
        AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource) =>
        policy.Requirements is [DenyAnonymousAuthorizationRequirement] && authenticationResult.Succeeded
            ? Passed
            : EvaluateAsync(policy, authenticationResult, context, resource);

    private static Task<AuthenticateResult> Accept(ValidatedToken token, HttpContext context)
    {
        context.User = token.Principal;
        context.Features.Set(token.Caller);
        return token.Authenticated;
    }

    private async Task<AuthenticateResult> AuthenticateAsync(ICallerSource callers, HttpContext context)
    {
        if (await callers.FindAsync(context) is not { } found)
        {
            return await base.AuthenticateAsync(ByToken, context);
        }

        if (found.Refusal is { } refusal)
        {
            context.Features.Set(new RefusedCaller(callers.AnswerOf(refusal)));
            return AuthenticateResult.NoResult();
        }

        return await Accept(found.Value, context);
    }

    private async Task<PolicyAuthorizationResult> EvaluateAsync(
        AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource)
    {
        var result = await base.AuthorizeAsync(policy, authenticationResult, context, resource);
        if (result is { Forbidden: true, AuthorizationFailure: { } failure } && FreshProofHandler.AnswerOf(failure) is { } answer)
        {
            context.Features.Set(new RefusedCaller(answer));
        }

        return result;
    }

    private ValidatedToken? Find(HttpRequest request) =>
        AuthorizationHeader.AccessTokenOf(request) is { IsEmpty: false } text
        && validated.Find(text) is { Caller: var caller } token
        && !rules.HasExpired(caller.IssuedAt, caller.ExpiresAt)
        && !rules.IsEarly(caller.IssuedAt)
        && ended.ReasonOf(caller.SessionId) is null
            ? token
            : null;
}
