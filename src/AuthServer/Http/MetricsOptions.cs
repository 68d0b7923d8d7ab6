namespace AuthServer.Http;

/// <summary>The section <c>Metrics</c>.</summary>
internal sealed class MetricsOptions
{
    /// <summary>The address that <c>/metrics</c> has to itself; empty to serve it on the addresses of the server.</summary>
    public string Url { get; set; } = "";

    /// <summary>True if the addresses of the server answer <c>/metrics</c> to other machines too.</summary>
    public bool AllowRemote { get; set; }

    /// <summary>True if <see cref="Url"/> is empty, or an address to listen on by plain HTTP.</summary>
    public bool HasUsableUrl()
    {
        if (Url.Length == 0)
        {
            return true;
        }

        try
        {
            var address = BindingAddress.Parse(Url);
            return address is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false };
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
