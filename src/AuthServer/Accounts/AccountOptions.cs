using System.ComponentModel.DataAnnotations;
using AuthServer.Core;

namespace AuthServer.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
internal sealed class AccountOptions
{
    /// <summary>True, unless set, if registration is open.</summary>
    public bool Registration { get; set; } = true;

    /// <summary>True to let users log in by the link of a mail.</summary>
    public bool LoginByMail { get; set; }

    /// <summary>True to let users log in only once they have a verified address.</summary>
    public bool RequireVerifiedEmail { get; set; }

    /// <summary>Roles whose users need a second factor; none unless set.</summary>
    public string[] RequireSecondFactor { get; set; } = [];

    /// <summary>Time for which a proof of identity is fresh, which changes of credentials need; 10 minutes unless set.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan FreshFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The requirements of a login.</summary>
    public LoginPolicy ToPolicy() =>
        new() { RequiresVerifiedEmail = RequireVerifiedEmail, SecondFactorRoles = RequireSecondFactor };
}
