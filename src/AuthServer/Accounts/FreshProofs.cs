using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace AuthServer.Accounts;

internal static class FreshProofs
{
    /// <summary>Lets only callers pass who have proved within <c>Accounts:FreshFor</c> who they are.</summary>
    public static RouteHandlerBuilder RequireFreshProof(this RouteHandlerBuilder route, IEndpointRouteBuilder routes)
    {
        var maxAge = routes.ServiceProvider.GetRequiredService<IOptions<AccountOptions>>().Value.FreshFor;
        return route
            .WithProblems(ErrorCode.ReauthenticationRequired)
            .RequireAuthorization(policy => policy.RequireFresh(maxAge));
    }

    /// <summary>
    /// The refusal unless the caller of a private route has proved within <c>Accounts:FreshFor</c> who they are; else null. For a
    /// route that needs the proof for some of its requests.
    /// </summary>
    public static async Task<IResult?> RefusalOfAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var maxAge = services.GetRequiredService<IOptions<AccountOptions>>().Value.FreshFor;
        var policy = new AuthorizationPolicyBuilder().RequireFresh(maxAge).Build();
        var result = await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(context.User, context, policy);
        return result.Failure is { } failure
            ? FreshProofHandler.AnswerOf(failure) ?? AuthProblems.From(ErrorCode.ReauthenticationRequired)
            : null;
    }
}
