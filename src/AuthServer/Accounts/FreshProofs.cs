using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
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
}
