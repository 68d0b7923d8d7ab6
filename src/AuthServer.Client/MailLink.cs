namespace AuthServer.Client;

/// <summary>The content of the link of a mail.</summary>
public sealed class MailLink
{
    /// <summary><c>confirm_email</c>, <c>reset_password</c> or <c>log_in</c>. A newer server may have more.</summary>
    public required string Kind { get; init; }

    /// <summary>The user name of the account.</summary>
    public required string Username { get; init; }

    /// <summary>The address that the mail was sent to.</summary>
    public required string Email { get; init; }

    /// <summary>The moment from which the link is refused.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
