namespace AuthServer.Core.Tests;

/// <summary>What one client remembers of its session.</summary>
internal sealed class Device
{
    /// <summary>The newest token; null where the client is logged out.</summary>
    public string? Newest { get; private set; }

    public RefreshToken Named { get; private set; }

    /// <summary>When the newest token came.</summary>
    public DateTimeOffset HeardAt { get; private set; }

    /// <summary>When the newest token was sent for the first time; null where it was not yet.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The token before the newest.</summary>
    public string? Former { get; private set; }

    /// <summary>When that was sent for the first time.</summary>
    public DateTimeOffset? FormerSentAt { get; private set; }

    /// <summary>Whether the store may have forgotten the newest token.</summary>
    public bool IsForgotten { get; set; }

    public void LogIn(string token, RefreshToken named, DateTimeOffset now)
    {
        LogOut();
        Take(token, named, now);
    }

    public void Take(string token, RefreshToken named, DateTimeOffset now)
    {
        (Former, FormerSentAt) = (Newest, SentAt);
        (Newest, Named, HeardAt, SentAt, IsForgotten) = (token, named, now, null, false);
    }

    public void LogOut() => (Newest, SentAt, Former, FormerSentAt) = (null, null, null, null);
}
