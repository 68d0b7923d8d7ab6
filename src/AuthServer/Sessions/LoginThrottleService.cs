using System.Net;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>
/// Slows guesses at passwords, by failures of an account, a device, an address block and networks. The work and the answers are
/// the same for names that don't exist. Safe to share.
/// </summary>
internal sealed class LoginThrottleService(
    FailureCounter counter, SessionLister sessions, ServerKeys keys, FailureLimits limits, TimeProvider clock)
{
    /// <summary>
    /// Admits an attempt before its password is hashed, or refuses with <see cref="ErrorCode.TooManyRequests"/>. The caller
    /// disposes of the attempt.
    /// </summary>
    /// <param name="name">The normalized user name, or the text that is none.</param>
    /// <param name="account">The account of the name; null if there is none.</param>
    /// <param name="device">The genuine device token that came along, of any account; null if there was none.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the queries.</param>
    /// <exception cref="UnavailableException">The database can't be read.</exception>
    public async Task<Outcome<LoginAttempt>> AdmitAsync(
        string name, Account? account, DeviceToken? device, ClientInfo client, CancellationToken ct)
    {
        if (!limits.Enabled)
        {
            return Uncounted(account, device, client);
        }

        var known = KnownOf(account, device);

        var own = known is null ? null : new FailureKey(keys.Failures.OfDevice(known.DeviceId), limits.Device.Fade);
        var block = await FindKnownBlockAsync(account, client, ct);
        var callers = block is { } home ? keys.Failures.OfBlock(name, home) : keys.Failures.OfStrangers(name);
        FailureKey[] others = [new(callers, limits.Account.Fade), .. BucketsOfNetworks(client)];
        LoginAdmission? decision = null;
#pragma warning disable CA2000 // The attempt that is returned disposes of it.
        var counted = await counter.BeginAsync(
            own is null ? others : [own, .. others],
            read =>
            {
                var (first, rest) = own is null ? ((FailureBucket?)null, read) : (read[0], [.. read.Skip(1)]);
                IReadOnlyList<FailureBucket> networks = block is null ? [.. rest.Skip(1)] : [];
                decision = LoginAdmission.Decide(new(first, rest[0], networks), limits, clock.GetUtcNow());
                return decision switch
                {
                    AdmitDevice => [own!],
                    AdmitCaller => others,
                    _ => null,
                };
            },
            ct);
#pragma warning restore CA2000
        return counted is null
            ? new Refusal(ErrorCode.TooManyRequests, Wait: (decision as WaitForAttempt)?.Wait)
            : new LoginAttempt(counted, decision is AdmitDevice ? known!.DeviceId : null, client, keys.Devices, clock)
            {
                // Strangers are not one party: the success of one says nothing of the guesses of another.
                EmptiesBucket = decision is AdmitDevice || block is not null,
            };
    }

    /// <summary>An attempt by a proof that is limited by itself. The caller disposes of it.</summary>
    public LoginAttempt Uncounted(Account? account, DeviceToken? device, ClientInfo client) =>
        new(counted: null, KnownOf(account, device)?.DeviceId, client, keys.Devices, clock);

    private DeviceToken? KnownOf(Account? account, DeviceToken? device) =>
        account is not null && device is not null && device.IsOf(account.Id, account.SecurityStamp, keys.Devices)
            ? device
            : null;

    // Null if the account is not known there. A name that does not exist is looked up under an id that does not exist either.
    private async Task<IPNetwork?> FindKnownBlockAsync(Account? account, ClientInfo client, CancellationToken ct) =>
        ClientNetworks.BlockOf(client.IpAddress) is { } block
            && await sessions.IsKnownInAsync(account?.Id ?? Guid.NewGuid(), block, ct)
                ? block
                : null;

    private IEnumerable<FailureKey> BucketsOfNetworks(ClientInfo client) => ClientNetworks.Of(client.IpAddress)
        .Select((network, width) => new FailureKey(keys.Failures.OfNetwork(network), limits.OfNetwork(width).Fade));
}

/// <summary>An attempt to prove an identity that was admitted. Not safe to share.</summary>
/// <param name="counted">The attempt as it is counted; null if failures are not limited.</param>
/// <param name="knownDevice">The device that it came from, if the account knows it; else null.</param>
/// <param name="client">The origin of the request.</param>
/// <param name="keys">The keys of device tokens.</param>
/// <param name="clock">The clock.</param>
internal sealed class LoginAttempt(
    FailureAttempt? counted, Guid? knownDevice, ClientInfo client, DeviceKeyRing keys, TimeProvider clock) : IDisposable
{
    /// <summary>The caller, for the order in which passwords are hashed.</summary>
    public HashCaller Caller => new(client.IpAddress, IsKnownDevice: knownDevice is not null);

    /// <summary>Counts a failure.</summary>
    public void Fail() => counted?.Fail();

    /// <summary>True if a success empties the bucket that the caller is limited by.</summary>
    public bool EmptiesBucket { get; init; }

    /// <summary>Empties the bucket that the caller is limited by, except that of strangers, and no other.</summary>
    public void Succeed()
    {
        if (EmptiesBucket)
        {
            counted?.Succeed();
        }
    }

    /// <summary>Issues the device token for later attempts. A known device keeps its id.</summary>
    /// <param name="userId">The account.</param>
    /// <param name="securityStamp">The security stamp of the account.</param>
    public string IssueToken(Guid userId, Guid securityStamp) => DeviceToken
        .Issue(knownDevice ?? Guid.NewGuid(), userId, securityStamp, clock.GetUtcNow(), keys).Encode(keys);

    public void Dispose() => counted?.Dispose();
}
