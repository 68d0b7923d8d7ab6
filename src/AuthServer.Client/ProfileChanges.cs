namespace AuthServer.Client;

/// <summary>Changes of a profile. A property that is not set changes nothing.</summary>
public sealed class ProfileChanges
{
    private readonly Dictionary<string, string?> members = [];

    /// <summary>The display name, up to 64 characters; null to remove it, so that the user name is shown.</summary>
    public string? DisplayName
    {
        get => members.GetValueOrDefault("displayName");
        init => members["displayName"] = value;
    }

    /// <summary>The language of mails, as a tag of BCP 47 such as <c>en</c> or <c>ko</c>; null for that of the server.</summary>
    public string? Locale
    {
        get => members.GetValueOrDefault("locale");
        init => members["locale"] = value;
    }

    internal Dictionary<string, string?> ToMembers() => members;
}
