using System.ComponentModel.DataAnnotations;

namespace AuthServer.Tokens;

/// <summary>
/// The section <c>Keys</c>: either a folder of key files, or the keys themselves in base64 by their number. The highest number of
/// each kind makes tokens; all numbers check them.
/// </summary>
internal sealed class KeyOptions
{
    /// <summary>Folder of the key files; <c>keys</c> in <c>Data:Directory</c> unless set.</summary>
    [Required(ErrorMessage = "{0} is empty; name a folder, or leave it out.")]
    public string? Directory { get; set; }

    /// <summary>The highest number that makes tokens. Keys above it only check them until all nodes have them.</summary>
    public byte Highest { get; set; } = byte.MaxValue;

    /// <summary>Keys of access tokens.</summary>
    public Dictionary<string, string> Access { get; set; } = [];

    /// <summary>Keys of refresh tokens.</summary>
    public Dictionary<string, string> Refresh { get; set; } = [];
}
