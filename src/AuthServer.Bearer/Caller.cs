using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>The caller of a private route, by the access token. A route takes it as a parameter.</summary>
public sealed record Caller
{
    /// <summary>The claim <c>sub</c>.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The claim <c>sid</c>.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>The claim <c>preferred_username</c>.</summary>
    public required string Username { get; init; }

    /// <summary>The claim <c>name</c>.</summary>
    public required string DisplayName { get; init; }

    /// <summary>
    /// The claim <c>email</c>, in lower case and with its domain in ASCII; null if the account has no verified address.
    /// </summary>
    public string? VerifiedEmail { get; init; }

    /// <summary>The claim <c>roles</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The claim <c>admin</c>.</summary>
    public required bool IsAdmin { get; init; }

    /// <summary>The claim <c>iat</c>, in UTC.</summary>
    public required DateTime IssuedAt { get; init; }

    /// <summary>The claim <c>exp</c>, in UTC: the moment from which the token is refused.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>Called by the framework for a parameter of a route.</summary>
    /// <returns>The caller of the request; null if the route does not require authorization.</returns>
    public static ValueTask<Caller?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Features.Get<Caller>());
    }
}
