using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RazorPages.Pages;

/// <summary>A sentence about a failure, in the place of the page that failed, whose form is not checked again.</summary>
[IgnoreAntiforgeryToken]
internal sealed class ErrorModel : PageModel
{
    [BindProperty(SupportsGet = true)]
    public int Status { get; set; }

    public string Sentence => Status switch
    {
        StatusCodes.Status400BadRequest => "The form is out of date. Load its page again.",
        StatusCodes.Status404NotFound => "There is no such page.",
        StatusCodes.Status429TooManyRequests => $"Too many attempts. Try again {Later}.",
        StatusCodes.Status503ServiceUnavailable => $"The login service is not available. Try again {Later}.",
        _ => "Something went wrong.",
    };

    private string Later => int.TryParse(Response.Headers.RetryAfter, out var seconds) ? $"in {seconds} s" : "later";
}
