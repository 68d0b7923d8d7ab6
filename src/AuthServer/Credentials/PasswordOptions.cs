using System.ComponentModel.DataAnnotations;
using AuthServer.Core;

namespace AuthServer.Credentials;

/// <summary>The section <c>Passwords</c>.</summary>
internal sealed class PasswordOptions
{
    /// <summary>Shortest password, in code points. 1 to 256; 8 unless set.</summary>
    [Range(1, PasswordPolicy.MaxLength)]
    public int MinimumLength { get; set; } = 8;

    /// <summary>Cost of a hash: 2 to this power of rounds. 4 to 16; 11 unless set.</summary>
    [Range(4, 16)]
    public int WorkFactor { get; set; } = 11;

    /// <summary>Words of the service that passwords must not be built from, beyond its name and the host of its issuer.</summary>
    public string[] ContextWords { get; set; } = [];
}
