namespace AuthServer.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
internal sealed class AccountOptions
{
    /// <summary>Whether everybody may open an account.</summary>
    public bool Registration { get; set; } = true;
}
