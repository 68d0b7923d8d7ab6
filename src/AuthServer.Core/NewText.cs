namespace AuthServer.Core;

/// <summary>A new value of a member that may be removed.</summary>
/// <param name="Value">The value; null to remove it.</param>
public readonly record struct NewText(string? Value);
