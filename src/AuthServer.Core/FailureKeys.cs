using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// Ids of the buckets of failures. Each is half of a MAC, so that names and addresses are never stored, and names that don't
/// exist have an id like any other. Source: RFC 2104 §5 for the half. Safe to share.
/// </summary>
public sealed class FailureKeys
{
    private const byte Strangers = 1;
    private const byte Block = 2;
    private const byte Device = 3;
    private const byte Network = 4;
    private const byte SecondFactor = 5;
    private const byte MailCode = 6;

    private readonly byte[] key;

    /// <summary>Derives the key of the MAC from the current root key.</summary>
    public FailureKeys(RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(root);
        key = root.Derive(root.Current, "failure counts");
    }

    /// <summary>The bucket of a name, for callers that are not known.</summary>
    /// <param name="name">A normalized user name, or a text that is none.</param>
    public Guid OfStrangers(string name) => IdOf(Strangers, name);

    /// <summary>The bucket of a name, for callers in one network.</summary>
    /// <param name="name">A normalized user name.</param>
    /// <param name="block">The network.</param>
    public Guid OfBlock(string name, IPNetwork block) => IdOf(Block, $"{block} {name}");

    /// <summary>The bucket of a device.</summary>
    public Guid OfDevice(Guid deviceId) => IdOf(Device, deviceId.ToString());

    /// <summary>The bucket of a network, for all names.</summary>
    public Guid OfNetwork(IPNetwork network) => IdOf(Network, network.ToString());

    /// <summary>The bucket of the second factor of an account.</summary>
    public Guid OfSecondFactor(Guid userId) => IdOf(SecondFactor, userId.ToString());

    /// <summary>The bucket of the code of a mail.</summary>
    public Guid OfMailCode(Guid mailId) => IdOf(MailCode, mailId.ToString());

    private Guid IdOf(byte purpose, string text)
    {
        byte[] source = [purpose, .. Encoding.UTF8.GetBytes(text)];
        return new Guid(HMACSHA256.HashData(key, source).AsSpan(0, 16), bigEndian: true);
    }
}
