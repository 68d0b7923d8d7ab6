namespace AuthServer.Core;

/// <summary>A refusal of a request.</summary>
/// <param name="Code">The code for the client.</param>
/// <param name="Reason">The reason of the session's end, with <see cref="ErrorCode.SessionEnded"/>.</param>
/// <param name="Errors">Messages by field, with <see cref="ErrorCode.InvalidRequest"/>.</param>
/// <param name="IsOutcomeUnknown">True with <see cref="ErrorCode.Unavailable"/> if the request may have been carried out.</param>
/// <param name="Wait">Time until the request may be sent again, with <see cref="ErrorCode.TooManyRequests"/>.</param>
/// <param name="Failure">The reason of <see cref="ErrorCode.ExternalLoginFailed"/>.</param>
/// <param name="Offer">The factors to go on with, if one is required.</param>
public sealed record Refusal(
    ErrorCode Code,
    EndReason? Reason = null,
    IReadOnlyDictionary<string, string[]>? Errors = null,
    bool IsOutcomeUnknown = false,
    TimeSpan? Wait = null,
    ExternalLoginFailure? Failure = null,
    SecondFactorOffer? Offer = null)
{
    /// <summary>The refusal of one field.</summary>
    public static Refusal OfField(string field, string message) =>
        new(ErrorCode.InvalidRequest, Errors: new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>The refusal of a login by another provider.</summary>
    public static Refusal Of(ExternalLoginFailure failure) => new(ErrorCode.ExternalLoginFailed, Failure: failure);
}

/// <summary>The answer of a service: a value, or a refusal.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed record Outcome<T>
{
    private Outcome()
    {
    }

    private readonly T value = default!;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="Refusal"/> instead.</exception>
    public T Value
    {
        get => Refusal is null ? value : throw new InvalidOperationException("A refused outcome has no value.");
        private init => this.value = value;
    }

    /// <summary>The reason why there is no value; null if there is one.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>A value is an outcome.</summary>
    public static implicit operator Outcome<T>(T value) => new() { Value = value };

    /// <summary>A refusal is an outcome.</summary>
    public static implicit operator Outcome<T>(Refusal refusal) => new() { Refusal = refusal };

    /// <summary>A bare code is an outcome.</summary>
    public static implicit operator Outcome<T>(ErrorCode code) => new Refusal(code);
}

/// <summary>The value of an outcome without any other content.</summary>
public readonly record struct Unit;
