namespace AuthServer.Core;

/// <summary>The failures that an attempt to prove an identity is held against, those that are being decided included.</summary>
/// <param name="Device">Failures of the caller's device; null if the account does not know it.</param>
/// <param name="Account">Failures of the account by callers like this one: strangers, or those in a known address block.</param>
/// <param name="Networks">Failures of the caller's networks, narrowest first; none if the account is known in one.</param>
public sealed record FailureCounts(FailureBucket? Device, FailureBucket Account, IReadOnlyList<FailureBucket> Networks);

/// <summary>Decision whether a password is checked at all: one of the records below.</summary>
public abstract record LoginAdmission
{
    private protected LoginAdmission()
    {
    }

    /// <summary>
    /// Decides by the failures so far. A known device is held against its own failures alone, and a caller in a known address
    /// block against those of the block. So no stranger locks an owner out. Pure: the same facts give the same decision.
    /// </summary>
    public static LoginAdmission Decide(FailureCounts counts, FailureLimits limits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(limits);
        if (counts.Device is { } device && device.CountAt(now, limits.Device.Fade) < limits.Device.Allowed)
        {
            return new AdmitDevice();
        }

        var waits = counts.Networks.Select((network, width) => network.WaitAt(now, limits.OfNetwork(width)));
        var longest = waits.Prepend(counts.Account.WaitAt(now, limits.Account)).Max();
        return longest > TimeSpan.Zero ? new WaitForAttempt(longest) : new AdmitCaller();
    }
}

/// <summary>The password is checked, and a failure counts against the device.</summary>
public sealed record AdmitDevice : LoginAdmission;

/// <summary>The password is checked, and a failure counts against the account and the networks.</summary>
public sealed record AdmitCaller : LoginAdmission;

/// <summary>The password is not checked.</summary>
/// <param name="Wait">Time until the next attempt.</param>
public sealed record WaitForAttempt(TimeSpan Wait) : LoginAdmission;
