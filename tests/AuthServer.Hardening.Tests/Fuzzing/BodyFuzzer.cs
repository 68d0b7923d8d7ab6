using System.Text;
using System.Text.Json;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Makes bodies by the grammar of JSON, from valid ones of a route.</summary>
/// <param name="random">The source of all choices.</param>
/// <param name="valueOf">Returns a valid value of a member; null for one that is left out.</param>
internal sealed class BodyFuzzer(Random random, Func<string, string?> valueOf)
{
    private const int LargestBody = 16 * 1024;

    private static readonly string[] MediaTypes =
    [
        "application/json; charset=utf-8", "application/json; charset=\"UTF-8\"", "application/json; charset=utf-16",
        "application/json; charset=utf-7", "application/json; charset=nonsense", "application/json; charset=", "APPLICATION/JSON",
        "application/json;", "application/json; a=b; a=b", "application/problem+json", "application/merge-patch+json",
        "text/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
        "*/*", "json", "", " ", "application/json, text/plain", "application/\u00e9", "application/octet-stream",
    ];

    /// <summary>Makes a body. Null for none.</summary>
    /// <param name="type">The type of a valid body; null if the route takes none.</param>
    public HttpContent? Next(Type? type)
    {
        if (type is null && random.Next(4) != 0)
        {
            return null;
        }

        var members = (type?.GetProperties() ?? []).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .Select(name => (Name: name, Value: valueOf(name)))
            .Where(member => member.Value is not null)
            .Select(member => (Name: Quote(member.Name), Value: Quote(member.Value!)))
            .ToList();
        for (var change = random.Next(4); change > 0; change--)
        {
            Change(members);
        }

        var text = $"{{{string.Join(',', members.Select(member => member.Name + ":" + member.Value))}}}";
        var content = new ByteArrayContent(Encode(random.Next(4) == 0 ? ChangeText(text) : text));
        content.Headers.TryAddWithoutValidation(
            "Content-Type", random.Next(8) == 0 ? MediaTypes[random.Next(MediaTypes.Length)] : "application/json");
        if (random.Next(20) == 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", random.Next(2) == 0 ? "gzip" : "identity");
        }

        return content;
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private void Change(List<(string Name, string Value)> members)
    {
        var at = random.Next(members.Count + 1);
        if (at == members.Count)
        {
            members.Add((Quote(Of(Texts.Strange)), Of(Texts.Json)));
            return;
        }

        var (name, value) = members[at];
        switch (random.Next(7))
        {
            case 0:
                members.RemoveAt(at);
                break;
            case 1:
                members.Insert(random.Next(members.Count), (name, random.Next(2) == 0 ? value : Of(Texts.Json)));
                break;
            case 2:
                members[at] = (random.Next(2) == 0 ? name.ToUpperInvariant() : name.Insert(1, "\\u0061"), value);
                break;
            case 3:
                members[at] = (name, Of(Texts.Json));
                break;
            case 4:
                members[at] = (name, Quote(Of(Texts.Strange)));
                break;
            case 5:
                var inner = value.Trim('"');
                members[at] = (name, Quote(inner.Insert(random.Next(inner.Length + 1), Of(Texts.Strange))));
                break;
            default:
                members[at] = (name, $"\"{RawOf(Of(Texts.Strange))}\"");
                break;
        }
    }

    // As the text is, without the escapes that JSON requires.
    private static string RawOf(string text) => text.Replace("\"", "", StringComparison.Ordinal);

    private string ChangeText(string text)
    {
        var at = random.Next(text.Length);
        return random.Next(9) switch
        {
            0 => text[..at],
            1 => text[at..],
            2 => text + Of(Texts.Json),
            3 => text + text,
            4 => Of(Texts.Json),
            5 => "\ufeff" + text,
            6 => text.Insert(at, Of(Texts.Strange)),
            7 => text.Replace(":", ": " + new string(' ', 2000), StringComparison.Ordinal),
            _ => text.Replace('"', '\''),
        };
    }

    private byte[] Encode(string text)
    {
        var bytes = (random.Next(40) switch
        {
            0 => Encoding.Unicode,
            1 => Encoding.BigEndianUnicode,
            2 => Encoding.UTF32,
            3 => Encoding.Latin1,
            _ => Encoding.UTF8,
        }).GetBytes(text);
        if (bytes.Length > 0 && random.Next(20) == 0)
        {
            // Invalid in UTF-8: a lone continuation, an overlong form, a surrogate, a byte that never occurs.
            byte[][] invalid = [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]];
            var at = random.Next(bytes.Length);
            bytes = [.. bytes[..at], .. invalid[random.Next(invalid.Length)], .. bytes[at..]];
        }

        // A larger body is refused before it was sent, which HttpClient may take for a lost connection.
        return bytes[..Math.Min(bytes.Length, LargestBody)];
    }

    private T Of<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
