using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RazorPages;

/// <summary>Answers of the auth server, as results of pages.</summary>
internal static class Answers
{
    /// <summary>The login page if the session has ended, or else a sentence about the failure.</summary>
    public static IActionResult Refuse(this PageModel page, HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.Unauthorized => page.Challenge(),
        HttpStatusCode.TooManyRequests => page.StatusCode(StatusCodes.Status429TooManyRequests),
        _ => page.StatusCode(StatusCodes.Status503ServiceUnavailable),
    };
}
