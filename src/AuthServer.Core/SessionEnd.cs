namespace AuthServer.Core;

/// <summary>The end of a session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Reason">The reason.</param>
/// <param name="EndedAt">The moment, by the clock of the node that ended it.</param>
public readonly record struct SessionEnd(Guid SessionId, EndReason Reason, DateTimeOffset EndedAt);
