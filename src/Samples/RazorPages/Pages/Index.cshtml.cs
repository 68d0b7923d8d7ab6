using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RazorPages.Pages;

/// <summary>The first page, with the user's name and the logout.</summary>
internal sealed class IndexModel(AuthServerApi auth) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        using var answer = await auth.SendAsync(HttpMethod.Post, "/logout");
        return answer.IsSuccessStatusCode ? RedirectToPage("/Login") : this.Refuse(answer);
    }
}
