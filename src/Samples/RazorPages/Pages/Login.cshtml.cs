using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RazorPages.Pages;

/// <summary>The login, after which the browser has the session cookie.</summary>
internal sealed class LoginModel(AuthServerApi auth) : PageModel
{
    public string? Message { get; private set; }

    public async Task<IActionResult> OnPostAsync(string? username, string? password, string? returnUrl)
    {
        using var answer = await auth.SendAsync(HttpMethod.Post, "/login?transport=session", new { username, password });
        if (answer.IsSuccessStatusCode)
        {
            return LocalRedirect(Url.IsLocalUrl(returnUrl) ? returnUrl : "/");
        }

        if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest))
        {
            return this.Refuse(answer);
        }

        Message = "User name or password is wrong.";
        return Page();
    }
}
