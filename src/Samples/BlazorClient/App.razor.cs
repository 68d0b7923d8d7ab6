using AuthServer.Client;
using Microsoft.AspNetCore.Components;

namespace BlazorClient;

/// <summary>The page.</summary>
public sealed partial class App(AuthServerClient auth, IHttpClientFactory clients) : ComponentBase, IDisposable
{
    private CurrentUser? user;
    private string username = "";
    private string password = "";
    private string status = "";
    private int calls;

    /// <inheritdoc/>
    public void Dispose() => auth.SessionEnded -= OnSessionEnded;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        auth.SessionEnded += OnSessionEnded;
        return TryAsync(async () => user = await auth.IsLoggedInAsync() ? await auth.GetMeAsync() : null);
    }

    private Task LogInAsync() => TryAsync(async () =>
    {
        await auth.LoginAsync(username, password, deviceName: "Blazor sample");
        (user, password, status) = (await auth.GetMeAsync(), "", "");
    });

    private Task CallAsync() => TryAsync(async () =>
    {
        // From here on this is an ordinary HTTP client. Tokens are refreshed without it.
        using var api = clients.CreateClient("api");
        using var answer = await api.GetAsync(new Uri("me", UriKind.Relative));
        if (user is not null)
        {
            status = $"Call {++calls}: {(int)answer.StatusCode}";
        }
    });

    private Task LogOutAsync()
    {
        (user, status) = (null, "Logged out.");
        return TryAsync(() => auth.LogoutAsync());
    }

    // Raised on any thread.
    private void OnSessionEnded(object? sender, SessionEndedEventArgs ended) => _ = InvokeAsync(() =>
    {
        (user, status) = (null, $"The session has ended: {ended.Code} {ended.Reason}");
        StateHasChanged();
    });

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (HttpRequestException failure)
        {
            status = failure is AuthServerException refusal ? $"{refusal.Code}: {refusal.Message}" : failure.Message;
        }
    }
}
