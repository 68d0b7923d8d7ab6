using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A browser without scripts: it keeps cookies, follows redirects, and submits the forms of its page.</summary>
/// <param name="application">The address of the application, and the only one that the browser opens.</param>
public sealed partial class FormBrowser(Uri application) : IDisposable
{
    public const string SessionCookie = "__Host-session";

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Its <c>User-Agent</c>.</summary>
    public string UserAgent { get; init; } = "Browser/1.0";

    /// <summary>The address that a proxy in front of the application forwards; null if there is no proxy.</summary>
    public string? Address { get; init; }

    /// <summary>Values by name. Secure cookies are sent too, because the host is <c>localhost</c>.</summary>
    public Dictionary<string, string> Cookies { get; init; } = [];

    /// <summary>The address of the page.</summary>
    public Uri Page { get; private set; } = new("about:blank");

    /// <summary>The page, with its status and headers.</summary>
    public HttpResponseMessage Answer { get; private set; } = new();

    /// <summary>The HTML of the page.</summary>
    public string Html { get; private set; } = "";

    /// <summary>Opens a page.</summary>
    public Task OpenAsync(string path) => FollowAsync(new Uri(application, path), new HttpRequestMessage());

    /// <summary>Opens a page, which asks for a login, and logs in. The page is then the one that was asked for.</summary>
    public async Task LogInAsync(string username, string password = HttpAssertions.Password, string path = "/")
    {
        await OpenAsync(path);
        await SubmitAsync("Log in", [("username", username), ("password", password)]);
    }

    /// <summary>Fills in the form of a button, and submits it.</summary>
    /// <param name="button">The text of the button.</param>
    /// <param name="fields">Names and values, beside those of hidden fields.</param>
    /// <param name="after">A text of the page. The form is the first one after it.</param>
    public Task SubmitAsync(string button, IEnumerable<(string Name, string Value)>? fields = null, string after = "")
    {
        var start = Html.IndexOf(WebUtility.HtmlEncode(after), StringComparison.Ordinal);
        Assert.True(start >= 0, Html);
        var form = Form().Matches(Html[start..])
            .First(form => form.Value.Contains($">{button}</button>", StringComparison.Ordinal));
        var hidden = Input().Matches(form.Value)
            .Where(input => input.Value.Contains("type=\"hidden\"", StringComparison.Ordinal))
            .Select(input => (AttributeOf(input, "name"), AttributeOf(input, "value")));
        var action = new Uri(Page, form.Groups["action"].Value is { Length: > 0 } path ? path : Page.PathAndQuery);
        return PostAsync(action, [.. hidden, .. fields ?? []], application.GetLeftPart(UriPartial.Authority));
    }

    /// <summary>Submits a form of a page of another site.</summary>
    /// <param name="path">The path that the form is sent to.</param>
    /// <param name="fields">Names and values.</param>
    /// <param name="origin">The origin of the page; null for a browser that sends none.</param>
    public Task SubmitForeignAsync(string path, IEnumerable<(string Name, string Value)> fields, string? origin) =>
        PostAsync(new Uri(application, path), fields, origin);

    /// <summary>Asserts that the page is the login page.</summary>
    public void ShouldBeLoggedOut()
    {
        Assert.Equal("/login", Page.AbsolutePath);
        Assert.Contains("Log in", Html, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Answer.Dispose();
        http.Dispose();
    }

    private Task PostAsync(Uri address, IEnumerable<(string Name, string Value)> fields, string? origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.TryAddWithoutValidation(HeaderNames.Origin, origin);
        return FollowAsync(address, request);
    }

    private async Task FollowAsync(Uri address, HttpRequestMessage request)
    {
        while (true)
        {
            // No test may lead a browser to another site.
            Assert.Equal(application.Authority, address.Authority);
            Page = request.RequestUri = address;
            request.Headers.TryAddWithoutValidation(HeaderNames.UserAgent, UserAgent);
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", Address);
            request.Headers.TryAddWithoutValidation(
                HeaderNames.Cookie, string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            Answer.Dispose();
            Answer = await http.SendAsync(request, Ct);
            request.Dispose();
            KeepCookies();
            if (Answer.Headers.Location is not { } next)
            {
                Html = await Answer.Content.ReadAsStringAsync(Ct);
                return;
            }

            (address, request) = (new Uri(address, next), new HttpRequestMessage());
        }
    }

    private void KeepCookies()
    {
        foreach (var text in Answer.Headers.TryGetValues(HeaderNames.SetCookie, out var texts) ? texts : [])
        {
            var cookie = SetCookieHeaderValue.Parse(text);
            if (cookie.Expires < DateTimeOffset.UtcNow)
            {
                Cookies.Remove(cookie.Name.ToString());
            }
            else
            {
                Cookies[cookie.Name.ToString()] = cookie.Value.ToString();
            }
        }
    }

    private static string AttributeOf(Match input, string name) =>
        WebUtility.HtmlDecode(Regex.Match(input.Value, $" {name}=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("<form method=\"post\"(?: action=\"(?<action>[^\"]*)\")?>.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<input [^>]*>")]
    private static partial Regex Input();
}
