using System.ComponentModel.DataAnnotations;

namespace AuthServer.Tokens;

/// <summary>
/// The section <c>Keys</c>: the root keys and the rotation of access keys. Root keys are in a folder of key files, or settings in
/// base64 by their number.
/// </summary>
internal sealed class KeyOptions
{
    /// <summary>Folder of the key files; <c>keys</c> in <c>Data:Directory</c> unless set.</summary>
    [Required(ErrorMessage = "{0} is empty; name a folder, or leave it out.")]
    public string? Directory { get; set; }

    /// <summary>Root keys by number. If there are any, no folder is read.</summary>
    public Dictionary<string, string> Root { get; set; } = [];

    /// <summary>The highest number of a root key that creates. Keys above it only check, until all nodes have them.</summary>
    public byte Highest { get; set; } = byte.MaxValue;

    /// <summary>Time for which an access key signs.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3660.00:00:00")]
    public TimeSpan RotateEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Time for which an access key is published before it signs.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromMinutes(15);
}
