using System.Text.Json;
using System.Text.Json.Serialization;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;

namespace AuthServer.Accounts;

/// <summary>Changes of the caller's profile. A member that is left out stays as it is. Source: RFC 7396.</summary>
internal sealed class ProfileRequest
{
    /// <summary>The display name, up to 64 characters; null to remove it.</summary>
    public string? DisplayName
    {
        get;
        set => (field, Wish) = (value, Wish with { DisplayName = new NewText(value) });
    }

    /// <summary>The language of mails, as a tag of BCP 47 such as <c>en</c> or <c>ko</c>; null for that of the server.</summary>
    public string? Locale
    {
        get;
        set => (field, Wish) = (value, Wish with { Locale = new NewText(value) });
    }

    /// <summary>The user name, which needs a fresh proof.</summary>
    public string? Username
    {
        get;
        set => (field, Wish) = (value, Wish with { Username = new NewText(value) });
    }

    /// <summary>The members that the body has.</summary>
    [JsonIgnore]
    public ProfileWish Wish { get; private set; } = new();
}

/// <summary>The caller's own data: the profile, an export, and the deletion of the account.</summary>
internal static class ProfileEndpoints
{
    private const string FileName = "authserver-export.json";

    // A file shows names of all scripts as they are.
    private static readonly ExportJson Json = new(
        new JsonSerializerOptions(ExportJson.Default.Options) { Encoder = JsonBodies.Plain });

    public static void MapProfile(this IEndpointRouteBuilder accounts, IEndpointRouteBuilder routes)
    {
        var limited = accounts.MapGroup("").RequireRateLimiting(RateLimits.Credentials);
        accounts.MapGet("/me/profile", FindAsync)
            .WithName("Profile").WithSummary("The caller's profile, as it is stored.")
            .Produces<Profile>()
            .RequireRateLimiting(RateLimits.Sessions)
            .RequireAuthorization();
        limited.MapPatch("/me", ChangeAsync)
            .WithName("UpdateProfile")
            .WithSummary("Changes the caller's display name or language, or with a fresh proof the user name.")
            .Produces<Me>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.UsernameTaken, ErrorCode.ReauthenticationRequired)
            .RequireAuthorization();
        limited.MapGet("/me/export", ExportAsync)
            .WithName("ExportAccount").WithSummary("Everything that is stored about the caller, as a file.")
            .Produces<AccountExport>()
            .WithProblems(ErrorCode.CrossSite)
            .RequireFreshProof(routes);
        limited.MapDelete("/me", DeleteAsync)
            .WithName("DeleteAccount").WithSummary("Deletes the caller's account and ends its sessions.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.LastAdmin)
            .RequireFreshProof(routes);
    }

    private static async Task<IResult> FindAsync(Caller caller, ProfileService profiles, CancellationToken ct) =>
        (await profiles.FindAsync(caller.UserId, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> ChangeAsync(
        ProfileRequest body, Caller caller, HttpContext http, ProfileService profiles, CancellationToken ct)
    {
        if (body.Wish.Username is not null && await FreshProofs.RefusalOfAsync(http) is { } refusal)
        {
            return refusal;
        }

        var outcome = await profiles.ChangeAsync(caller.UserId, caller.SessionId, body.Wish, http.ClientInfo(), ct);
        return outcome.ToResult(user => TypedResults.Ok(
            Me.Of(caller) with { Username = user.Username, DisplayName = user.DisplayName }));
    }

    private static async Task<IResult> ExportAsync(
        Caller caller, HttpContext http, ExportService exports, CancellationToken ct)
    {
        // An export is an event: a link on a foreign page must not cause it.
        if (CookieCallers.HandleOf(http) is not null && !TrustedOrigins.Sent(http.Request))
        {
            return AuthProblems.From(ErrorCode.CrossSite);
        }

        if (await exports.BeginAsync(caller.UserId, caller.SessionId, http.ClientInfo(), ct) is not { } export)
        {
            return AuthProblems.From(new Refusal(ErrorCode.SessionEnded, EndReason.Deleted));
        }

        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{FileName}\"";
        return TypedResults.Stream(
            body => JsonSerializer.SerializeAsync(body, export, Json.AccountExport, ct), "application/json; charset=utf-8");
    }

    private static async Task<IResult> DeleteAsync(
        Caller caller, HttpContext http, DeletionService deletions, SessionCookie cookie, CancellationToken ct)
    {
        var outcome = await deletions.DeleteAsync(caller.UserId, caller.SessionId, http.ClientInfo(), ct);
        return outcome.ToResult(_ =>
        {
            if (CookieCallers.HandleOf(http) is not null)
            {
                cookie.Expire(http.Response);
            }

            return TypedResults.NoContent();
        });
    }
}
