namespace AuthServer.Core.Tests;

/// <summary>The memory of one client of its session.</summary>
internal sealed class Device
{
    /// <summary>The newest token; null while the client is logged out.</summary>
    public string? Newest { get; private set; }

    /// <summary>The session and the generation of the newest token.</summary>
    public RefreshToken Named { get; private set; }

    /// <summary>The moment the newest token was sent first; null until then.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The token that was traded for the newest; null after a login.</summary>
    public string? Former { get; private set; }

    /// <summary>The generation of the token that was traded for the newest.</summary>
    public uint FormerGeneration { get; private set; }

    /// <summary>The moment that token was sent first.</summary>
    public DateTimeOffset? FormerSentAt { get; private set; }

    /// <summary>True if the store may have lost the newest token.</summary>
    public bool MayBeLost { get; set; }

    public void LogIn(string token, RefreshToken named)
    {
        LogOut();
        Take(token, named);
    }

    public void Take(string token, RefreshToken named)
    {
        (Former, FormerGeneration, FormerSentAt) = (Newest, Named.Generation, SentAt);
        (Newest, Named, SentAt, MayBeLost) = (token, named, null, false);
    }

    public void LogOut() => (Newest, SentAt, Former, FormerSentAt) = (null, null, null, null);
}
