namespace AuthServer.Client;

/// <summary>The end of a session, as the server declared it.</summary>
public sealed class SessionEndedEventArgs : EventArgs
{
    internal SessionEndedEventArgs(Guid sessionId, string code, string? reason)
    {
        SessionId = sessionId;
        Code = code;
        Reason = reason;
    }

    /// <summary>The id of the session that ended.</summary>
    public Guid SessionId { get; }

    /// <summary>The code of the answer: <c>session_ended</c> or one of <c>refresh_token_*</c>.</summary>
    public string Code { get; }

    /// <summary>
    /// With <c>session_ended</c>: <c>logout</c>, <c>logout_all</c>, <c>revoked</c>, <c>displaced</c>, <c>replaced</c>,
    /// <c>password_changed</c>, <c>disabled</c>, <c>deleted</c>, <c>reused</c> or <c>expired</c>; else null.
    /// </summary>
    public string? Reason { get; }
}
