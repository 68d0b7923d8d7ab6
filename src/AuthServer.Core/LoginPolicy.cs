namespace AuthServer.Core;

/// <summary>Requirements of a login beyond its proof.</summary>
public sealed record LoginPolicy
{
    /// <summary>True if an account without a verified address opens no session.</summary>
    public bool RequiresVerifiedEmail { get; init; }
}
