namespace AuthServer.Core;

/// <summary>Limits of failed attempts to prove an identity. Immutable and safe to share.</summary>
public sealed record FailureLimits
{
    /// <summary>True if failures are counted and limited.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Failures of an account by strangers, and by each address block that it is known in.</summary>
    public FailureLimit Account { get; init; } = OfAccount(100);

    /// <summary>
    /// Failures of a device. None fades before its token has expired, and beyond the allowed number the device is not known.
    /// </summary>
    public FailureLimit Device { get; init; } = new(10, DeviceToken.Lifetime, TimeSpan.FromMinutes(15));

    /// <summary>Failures of one address, by unknown devices and for any accounts.</summary>
    public FailureLimit Address { get; init; } = OfAddress(100);

    /// <summary>Failures of a network as a multiple of those of the next narrower one.</summary>
    public int NetworkFactor { get; init; } = 4;

    /// <summary>
    /// Failures of the second factor of an account, which only a completed login empties. Then it is one guess in 15 minutes.
    /// </summary>
    public static FailureLimit SecondFactor { get; } = new(10, TimeSpan.FromDays(30), TimeSpan.FromMinutes(15));

    /// <summary>Failures of the code of a mail. After them the code is over.</summary>
    public static FailureLimit MailCode { get; } = new(5, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    /// <summary>The limit of an account that allows a number of failures.</summary>
    public static FailureLimit OfAccount(int allowed) => new(allowed, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15));

    /// <summary>
    /// The limit of an address that allows a number of failures. Many people may share it, so it is slowed and not shut.
    /// </summary>
    public static FailureLimit OfAddress(int allowed) => new(allowed, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <summary>
    /// The limit of a network. It allows <see cref="NetworkFactor"/> times the failures of the next narrower one, and they fade
    /// as many times as fast.
    /// </summary>
    /// <param name="width">Index of the network in <see cref="ClientNetworks"/>, narrowest first.</param>
    public FailureLimit OfNetwork(int width)
    {
        var times = Math.Pow(NetworkFactor, width);
        return Address with { Allowed = (int)Math.Min(int.MaxValue, Address.Allowed * times), Fade = Address.Fade / times };
    }
}
