namespace AuthServer.Client;

/// <summary>Why a session is over.</summary>
public sealed class SessionEndedEventArgs : EventArgs
{
    internal SessionEndedEventArgs(Guid sessionId, string code, string? reason)
    {
        SessionId = sessionId;
        Code = code;
        Reason = reason;
    }

    /// <summary>The session that ended.</summary>
    public Guid SessionId { get; }

    /// <summary>How the server put it: <c>session_ended</c> or one of <c>refresh_token_*</c>.</summary>
    public string Code { get; }

    /// <summary>
    /// With <c>session_ended</c>: <c>logout</c>, <c>logout_all</c>, <c>revoked</c>, <c>displaced</c>, <c>password_changed</c>,
    /// <c>disabled</c>, <c>reused</c> or <c>expired</c>; else null.
    /// </summary>
    public string? Reason { get; }
}
