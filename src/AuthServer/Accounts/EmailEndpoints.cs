using System.ComponentModel.DataAnnotations;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;

namespace AuthServer.Accounts;

/// <summary>An address to verify.</summary>
/// <param name="Email">The address.</param>
internal sealed record EmailRequest([property: Required] string? Email = null);

/// <summary>A request for a mail to an account.</summary>
/// <param name="Username">The user name, or the verified address.</param>
internal sealed record AccountMailRequest([property: Required] string? Username = null);

/// <summary>The token of a mail.</summary>
/// <param name="Token">The token, which is the part of the link after <c>#link=</c>.</param>
internal sealed record MailLinkRequest([property: Required] string? Token = null);

/// <summary>A new password in place of a forgotten one.</summary>
/// <param name="Token">The token, which is the part of the link after <c>#link=</c>.</param>
/// <param name="NewPassword">The new password.</param>
internal sealed record PasswordResetRequest(
    [property: Required] string? Token = null,
    [property: Required] string? NewPassword = null);

/// <summary>Addresses of accounts, and what is done by the links of mails.</summary>
internal static class EmailEndpoints
{
    public static void MapEmail(this IEndpointRouteBuilder accounts, IEndpointRouteBuilder routes)
    {
        var limited = accounts.MapGroup("").RequireRateLimiting(RateLimits.Credentials);
        limited.MapPost("/password/forgot", ForgotAsync)
            .WithName("ForgotPassword")
            .WithSummary("Sends a link to the verified address of an account. The answer is the same without an account.")
            .Produces(StatusCodes.Status202Accepted)
            .WithProblems(ErrorCode.InvalidRequest);
        limited.MapPost("/password/reset", ResetAsync)
            .WithName("ResetPassword")
            .WithSummary("Sets a new password by the link of a mail, and ends all sessions of the account.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.LinkInvalid);
        limited.MapPost("/email/confirm", ConfirmAsync)
            .WithName("ConfirmEmail").WithSummary("Verifies an address by the link of a mail.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.LinkInvalid, ErrorCode.EmailTaken);
        limited.MapPost("/links/inspect", InspectAsync)
            .WithName("InspectLink").WithSummary("The content of the link of a mail, which stays usable.")
            .Produces<InspectedLink>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.LinkInvalid);
        limited.MapPost("/email", AskAsync)
            .WithName("ChangeEmail")
            .WithSummary("Sends a link to an address. It becomes the caller's once the link is used.")
            .Produces(StatusCodes.Status202Accepted)
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireFreshProof(routes);
        limited.MapDelete("/email", RemoveAsync)
            .WithName("RemoveEmail")
            .WithSummary("Removes the caller's address, and ends the caller's other sessions.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.LastCredential, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
    }

    private static async Task<IResult> ForgotAsync(
        AccountMailRequest body, PasswordResetService passwords, CancellationToken ct) =>
        (await passwords.AskAsync(body.Username, ct)).ToResult(_ => TypedResults.StatusCode(StatusCodes.Status202Accepted));

    private static async Task<IResult> ResetAsync(
        PasswordResetRequest body, HttpContext http, PasswordResetService passwords, CancellationToken ct) =>
        (await passwords.ResetAsync(body.Token, body.NewPassword, http.ClientInfo(), ct)).ToResult(_ => TypedResults.NoContent());

    private static async Task<IResult> ConfirmAsync(
        MailLinkRequest body, HttpContext http, EmailService emails, CancellationToken ct) =>
        (await emails.ConfirmAsync(body.Token, http.ClientInfo(), ct)).ToResult(_ => TypedResults.NoContent());

    private static async Task<IResult> InspectAsync(MailLinkRequest body, LinkInspectionService links, CancellationToken ct) =>
        (await links.InspectAsync(body.Token, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> AskAsync(
        EmailRequest body, Caller caller, EmailService emails, CancellationToken ct) =>
        (await emails.AskAsync(caller.UserId, caller.SessionId, body.Email, ct))
            .ToResult(_ => TypedResults.StatusCode(StatusCodes.Status202Accepted));

    private static async Task<IResult> RemoveAsync(
        Caller caller, HttpContext http, EmailService emails, SessionCookie cookie, CancellationToken ct)
    {
        var outcome = await emails.RemoveAsync(CookieCallers.ChangerOf(caller, http), ct);
        return outcome.ToResult(replaced =>
        {
            cookie.Renew(http.Response, replaced);
            return TypedResults.NoContent();
        });
    }
}
