using System.ComponentModel.DataAnnotations;

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

    /// <summary>Time for which a proof of identity is fresh, which changes of credentials need; 10 minutes unless set.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan FreshFor { get; set; } = TimeSpan.FromMinutes(10);
}
