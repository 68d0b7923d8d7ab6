namespace AuthServer.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
internal sealed class AccountOptions
{
    /// <summary>True, unless set, if registration is open.</summary>
    public bool Registration { get; set; } = true;
}
