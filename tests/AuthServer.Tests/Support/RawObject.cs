using System.Text;
using System.Text.Json.Nodes;

namespace AuthServer.Tests.Support;

/// <summary>
/// A JSON object as the raw text of its members, so that no library keeps it well-formed. Each character stands for one byte.
/// </summary>
/// <param name="Members">Names with their quotes, and values.</param>
public sealed record RawObject(IReadOnlyList<(string Name, string Value)> Members)
{
    /// <summary>Reads the members of a JSON object.</summary>
    public static RawObject Of(JsonObject json) =>
        new([.. json.Select(member => (Quoted(member.Key), Bytes(member.Value?.ToJsonString() ?? "null")))]);

    /// <summary>A name with its quotes.</summary>
    public static string Quoted(string name) => $"\"{name}\"";

    /// <summary>The UTF-8 bytes of a text, each as one character.</summary>
    public static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The value of a member.</summary>
    public string this[string name] => Members.Single(member => member.Name == Quoted(name)).Value;

    /// <summary>Replaces the value of a member at its place, or adds the member at the end.</summary>
    public RawObject With(string name, string value) => Members.Any(member => member.Name == Quoted(name))
        ? new([.. Members.Select(member => member.Name == Quoted(name) ? (member.Name, value) : member)])
        : Last(Quoted(name), value);

    /// <summary>Removes a member.</summary>
    public RawObject Without(string name) => new([.. Members.Where(member => member.Name != Quoted(name))]);

    /// <summary>Writes the name of a member in another way; <paramref name="raw"/> has its own quotes.</summary>
    public RawObject Renamed(string name, string raw) =>
        new([.. Members.Select(member => member.Name == Quoted(name) ? (raw, member.Value) : member)]);

    /// <summary>Adds a member before all others; <paramref name="raw"/> has its own quotes.</summary>
    public RawObject First(string raw, string value) => new([(raw, value), .. Members]);

    /// <summary>Adds a member after all others; <paramref name="raw"/> has its own quotes.</summary>
    public RawObject Last(string raw, string value) => new([.. Members, (raw, value)]);

    /// <summary>Puts the members in the opposite order.</summary>
    public RawObject Reversed() => new([.. Members.Reverse()]);

    /// <inheritdoc/>
    public override string ToString() => Joined(":", ",");

    /// <summary>The text with other separators than a colon and a comma alone.</summary>
    public string Joined(string colon, string comma) =>
        $"{{{string.Join(comma, Members.Select(member => member.Name + colon + member.Value))}}}";
}
