namespace AuthServer.Client;

/// <summary>The logged-in user, by the claims of the access token.</summary>
public sealed class CurrentUser
{
    /// <summary>The user's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The user name.</summary>
    public required string Username { get; init; }

    /// <summary>The display name, or the user name if there is none.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The roles. A change of them shows with the next access token.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>True if <c>admin</c> is one of the roles.</summary>
    public required bool Admin { get; init; }

    /// <summary>The session's id.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>The moment at which the access token was issued, by the server's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The moment from which the access token is refused, by the server's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
