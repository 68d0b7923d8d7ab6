using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RazorPages.Pages;

/// <summary>The user's devices, each of which can be logged out.</summary>
internal sealed class DevicesModel(AuthServerApi auth) : PageModel
{
    public IReadOnlyList<Device> Devices { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync()
    {
        using var answer = await auth.SendAsync(HttpMethod.Get, "/sessions");
        if (!answer.IsSuccessStatusCode)
        {
            return this.Refuse(answer);
        }

        Devices = (await answer.Content.ReadFromJsonAsync<DeviceList>(HttpContext.RequestAborted))!.Sessions;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id)
    {
        using var answer = await auth.SendAsync(HttpMethod.Delete, $"/sessions/{id}");

        // 404: it has ended in the meantime.
        var hasEnded = answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound;
        return hasEnded ? RedirectToPage() : this.Refuse(answer);
    }

    internal sealed record Device(Guid Id, string? UserAgent, string? IpAddress, DateTime LastUsedAt, bool Current);

    private sealed record DeviceList(IReadOnlyList<Device> Sessions);
}
