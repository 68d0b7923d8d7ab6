using System.Net.Http.Headers;
using System.Text;
using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>Credentials as HTTP Basic in UTF-8. Source: RFC 7617.</summary>
internal sealed record BasicCredentials(string Username, string Password)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The credentials of a request; null if they are of another scheme, or absent.</summary>
    public static Outcome<BasicCredentials?> Of(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return default(BasicCredentials);
        }

        return Decode(header.Parameter)?.Split(':', 2) is [var username, var password]
            ? new BasicCredentials(username, password)
            : Refusal.OfField("Authorization", "Must be Basic over base64 of user name, colon and password in UTF-8.");
    }

    private static string? Decode(string? parameter)
    {
        var bytes = new byte[parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(parameter ?? "", bytes, out var length))
        {
            return null;
        }

        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
