namespace AuthServer.Core.Tests;

/// <summary>Applies decisions as a server does: it writes the new numbers and answers with a token.</summary>
internal static class Applied
{
    /// <summary>The session as stored after a decision on it.</summary>
    public static SessionState After(this SessionState session, RotationDecision decision) => decision switch
    {
        Rotate rotate => session with
        {
            Generation = rotate.Generation,
            NewestPresented = rotate.NewestPresented,
            RotatedAt = rotate.RotatedAt,
        },
        Skip skip => session with
        {
            Generation = skip.Generation,
            NewestPresented = skip.NewestPresented,
            RotatedAt = skip.RotatedAt,
        },
        Expire => session with { EndReason = EndReason.Expired },
        EndAsDisabled => session with { EndReason = EndReason.Disabled },
        EndAsReused => session with { EndReason = EndReason.Reused },
        Repeat or Refuse => session,
        _ => throw new ArgumentException($"{decision} is no decision of the contract.", nameof(decision)),
    };

    /// <summary>The generation of the token that a decision is answered with; null if the refresh is refused.</summary>
    public static uint? Successor(this RotationDecision decision) => decision switch
    {
        Rotate rotate => rotate.Generation,
        Repeat repeat => repeat.Generation,
        Skip skip => skip.Generation,
        _ => null,
    };
}
