namespace AuthServer.Tests.Support;

/// <summary>The raw text of a header or a payload that the server would not write.</summary>
/// <param name="Family">The kind of change.</param>
/// <param name="Name">The change.</param>
/// <param name="Text">The text; each character stands for one byte.</param>
public sealed record ForgedPart(string Family, string Name, string Text)
{
    internal ForgedPart(string family, string name, RawObject json)
        : this(family, name, $"{json}")
    {
    }

    /// <summary>Spellings of a name that are not the name, with their quotes.</summary>
    internal static IEnumerable<string> SpellingsOf(string name) => new[]
    {
        name.ToUpperInvariant(),
        char.ToUpperInvariant(name[0]) + name[1..],
        name + " ",
        " " + name,
        $"{name}\\u0000",
        $"\\u{(int)name[0]:x4}{name[1..]}",
        name[..^1] + $"\\u{(int)name[^1]:X4}",
    }.Select(RawObject.Quoted);
}
