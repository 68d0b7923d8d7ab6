namespace AuthServer.Client;

/// <summary>The proofs that the user can give in this session.</summary>
public sealed class ReauthenticationOptions
{
    internal ReauthenticationOptions(ReauthenticationOptionsBody answer)
    {
        (Methods, SecondFactors) = (answer.Methods, answer.SecondFactors);
        Passkey = answer is { State: { } state, Options: { } options }
            ? new PasskeyChallenge { State = state, Options = options }
            : null;
    }

    /// <summary>
    /// Those to choose one from: <c>password</c>, <c>passkey</c>, <c>mail_code</c>, or newer ones. Empty if only a new login can
    /// prove it.
    /// </summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>
    /// Those that a password or a code of a mail needs one of too: <c>totp</c>, <c>recovery_code</c>, or newer ones. Empty if it
    /// needs none.
    /// </summary>
    public IReadOnlyList<string> SecondFactors { get; }

    /// <summary>The challenge for <see cref="AuthServerClient.ReauthenticateByPasskeyAsync"/>; null without passkeys.</summary>
    public PasskeyChallenge? Passkey { get; }
}
