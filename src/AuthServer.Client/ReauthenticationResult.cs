namespace AuthServer.Client;

/// <summary>
/// Result of a new proof of who the user is: <see cref="ReauthenticationCompleted"/> or <see cref="ReauthenticationCodeNeeded"/>.
/// </summary>
public abstract class ReauthenticationResult
{
    private protected ReauthenticationResult()
    {
    }
}

/// <summary>The proof is complete. Requests that need one succeed for some minutes.</summary>
public sealed class ReauthenticationCompleted : ReauthenticationResult
{
    internal ReauthenticationCompleted()
    {
    }
}

/// <summary>The proof is right so far, and has changed nothing. Ask for a code, and give the same proof again with it.</summary>
public sealed class ReauthenticationCodeNeeded : ReauthenticationResult
{
    internal ReauthenticationCodeNeeded(IReadOnlyList<string> methods) => Methods = methods;

    /// <summary>
    /// The factors that the account has: <c>totp</c>, <c>passkey</c>, <c>recovery_code</c>, or newer ones. With <c>passkey</c>,
    /// <see cref="AuthServerClient.ReauthenticateByPasskeyAsync"/> does without a password and a code.
    /// </summary>
    public IReadOnlyList<string> Methods { get; }
}
