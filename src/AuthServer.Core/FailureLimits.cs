namespace AuthServer.Core;

/// <summary>Limits of failed attempts to prove an identity. Immutable and safe to share.</summary>
public sealed record FailureLimits
{
    // Many people may share a network, so it is slowed and not shut, and each wider one has more room.
    private const int WiderBy = 4;

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

    /// <summary>The limit of an account that allows a number of failures.</summary>
    public static FailureLimit OfAccount(int allowed) => new(allowed, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15));

    /// <summary>The limit of an address that allows a number of failures.</summary>
    public static FailureLimit OfAddress(int allowed) => new(allowed, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <summary>
    /// The limit of a network. It allows four times the failures of the next narrower one, and they fade four times as fast.
    /// </summary>
    /// <param name="width">Index of the network in <see cref="ClientNetworks"/>, narrowest first.</param>
    public FailureLimit OfNetwork(int width)
    {
        var times = (int)Math.Pow(WiderBy, width);
        return Address with { Allowed = Address.Allowed * times, Fade = Address.Fade / times };
    }
}
