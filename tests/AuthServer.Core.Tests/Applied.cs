namespace AuthServer.Core.Tests;

/// <summary>Applies decisions as a server does: it writes the new numbers and answers with a token.</summary>
internal static class Applied
{
    /// <summary>The session as stored after a decision on it.</summary>
    public static SessionState After(this SessionState session, RotationDecision decision) => decision switch
    {
        Advance advance => session with
        {
            Generation = advance.Generation,
            NewestPresented = advance.NewestPresented,
            RotatedAt = advance.RotatedAt,
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
        Advance advance => advance.Generation,
        Repeat repeat => repeat.Generation,
        _ => null,
    };
}
