using System.Text.RegularExpressions;

namespace AuthServer.Http;

/// <summary>The language that a browser asks for.</summary>
internal static partial class PreferredLanguage
{
    /// <summary>The language that a request prefers, as a tag of BCP 47; null for none. Source: RFC 9110 §12.5.4.</summary>
    public static string? Of(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(language => language.Quality ?? 1)
        .Select(language => language.Value.ToString())
        .FirstOrDefault(tag => Tag().IsMatch(tag));

    // Any further part is of no use for our texts.
    [GeneratedRegex("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]
    private static partial Regex Tag();
}
