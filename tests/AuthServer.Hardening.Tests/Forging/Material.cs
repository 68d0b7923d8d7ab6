namespace AuthServer.Hardening.Tests.Forging;

/// <summary>The material of a forger.</summary>
/// <param name="Genuine">A genuine token.</param>
/// <param name="Another">A genuine token of the same kind and of another user.</param>
/// <param name="OtherKind">A genuine token of another kind.</param>
internal sealed record Material(string Genuine, string Another, string OtherKind);

/// <summary>A change that makes a forgery of a token.</summary>
/// <param name="Name">The change.</param>
/// <param name="Apply">Returns the changed text. The text may already be a forgery.</param>
internal sealed record Mutator(string Name, Func<string, Material, Random, string> Apply);

/// <summary>A token that the server has not issued.</summary>
/// <param name="Name">The changes.</param>
/// <param name="Token">The token.</param>
internal sealed record ForgedText(string Name, string Token);
