namespace AuthServer.Core;

/// <summary>Rules for passkeys. Source: Web Authentication Level 3.</summary>
public static class PasskeyPolicy
{
    /// <summary>Maximum number of passkeys of an account.</summary>
    public const int MaxPerAccount = 20;

    private const string DefaultName = "Passkey";

    // Each before those whose mark its own user agents have too.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"),
            ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <summary>
    /// True if the counter of a signature is one that follows the stored one. A counter that does not is that of a copy of the
    /// authenticator, or of the original after a copy was used. Two zeros are no counter. Source: §7.2, step 22.
    /// </summary>
    public static bool IsNext(long stored, uint presented) => presented > stored || (stored == 0 && presented == 0);

    /// <summary>The methods of a proof by a passkey, which the authenticator gives only to its user.</summary>
    /// <param name="isBackedUp">True if the passkey has been copied to other devices.</param>
    public static AuthenticationMethods MethodsOf(bool isBackedUp) => AuthenticationMethods.MultiFactor
        | (isBackedUp ? AuthenticationMethods.SoftwareKey : AuthenticationMethods.HardwareKey);

    /// <summary>The name of a passkey that the user gave none, such as <c>Chrome on Windows</c>.</summary>
    /// <param name="userAgent">The User-Agent header of the registration; null if it is absent.</param>
    public static string NameOf(string? userAgent)
    {
        var (browser, system) = (Find(Browsers), Find(Systems));
        return (browser, system) switch
        {
            (null, null) => DefaultName,
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };

        string? Find((string Mark, string Name)[] known) =>
            Array.Find(known, one => userAgent?.Contains(one.Mark, StringComparison.Ordinal) is true).Name;
    }
}
