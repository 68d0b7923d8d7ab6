namespace AuthServer.Client;

/// <summary>An account that was just opened.</summary>
public sealed class RegisteredUser
{
    /// <summary>The user's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The user name, as the server stores it.</summary>
    public required string Username { get; init; }
}
