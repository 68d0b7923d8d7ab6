using System.Security.Cryptography;
using OtpNet;
using QRCoder;

namespace AuthServer.Credentials;

/// <summary>Codes of authenticator apps: six digits of HMAC-SHA1 over time steps of 30 seconds. Source: RFC 6238.</summary>
internal static class TotpCodes
{
    // In bytes. Source: RFC 4226 §4, R6.
    private const int SecretLength = 20;

    private const int Digits = 6;

    // One step for the clock of the phone, and one for typing. Source: RFC 6238 §5.2.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    /// <summary>Makes a secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretLength);

    /// <summary>True if a text may be a code. A recovery code never is.</summary>
    public static bool IsCode(string text) => text.Length == Digits && text.All(char.IsAsciiDigit);

    /// <summary>Verifies a code, and returns its time step; null if it is wrong.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="code">The code as given.</param>
    /// <param name="now">The moment.</param>
    public static long? Verify(byte[] secret, string code, DateTimeOffset now) =>
        IsCode(code) && new Totp(secret).VerifyTotp(now.UtcDateTime, code, out var step, Window) ? step : null;

    /// <summary>The secret as users type it.</summary>
    public static string TextOf(byte[] secret) => Base32Encoding.ToString(secret);

    /// <summary>The secret as apps read it. Source: Key Uri Format of Google Authenticator.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="issuer">The name of this server.</param>
    /// <param name="account">The name of the account.</param>
    public static string UriOf(byte[] secret, string issuer, string account)
    {
        // Apps end the name at the first colon, even at one that is escaped.
        var name = Uri.EscapeDataString(issuer.Replace(':', ' ').Trim());
        return $"otpauth://totp/{name}:{Uri.EscapeDataString(account)}?secret={TextOf(secret)}&issuer={name}";
    }

    /// <summary>A text as a QR code, in SVG that fits any size.</summary>
    public static string QrOf(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(code);
        return svg.GetGraphic(4, "#000000", "#ffffff", sizingMode: SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
