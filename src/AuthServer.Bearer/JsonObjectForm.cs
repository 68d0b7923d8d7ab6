using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace AuthServer.Bearer;

/// <summary>The JSON type of a value.</summary>
internal enum JsonForm
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>An array of strings.</summary>
    Texts,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>Seconds since 1970, as an integer in digits alone; up to the year 9999.</summary>
    Seconds,

    /// <summary>A UUID in lower case with hyphens.</summary>
    Id,

    /// <summary>A string, a number, true or false, or an array of strings.</summary>
    Other,
}

/// <summary>A member of a JSON object.</summary>
/// <param name="Name">The name.</param>
/// <param name="Form">The type of its value.</param>
/// <param name="IsRequired">True if an object without it does not match.</param>
internal sealed record JsonMember(string Name, JsonForm Form, bool IsRequired = true)
{
    /// <summary>The name in UTF-8.</summary>
    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(Name);
}

/// <summary>
/// The form of a JSON object: the members that it has, each at most once. A match allocates nothing, unless a value is written
/// with escapes. Safe to share.
/// </summary>
/// <param name="members">The known members, at most 64.</param>
/// <param name="maxOthers">Largest number of other members.</param>
internal sealed class JsonObjectForm(JsonMember[] members, int maxOthers)
{
    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly ulong required = members
        .Select((member, index) => member.IsRequired ? 1UL << index : 0)
        .Aggregate((bits, bit) => bits | bit);

    /// <summary>True if a text is one such object in UTF-8, with nothing before it and nothing behind it.</summary>
    public bool Matches(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'{', .., (byte)'}'] || !Utf8.IsValid(json))
        {
            return false;
        }

        try
        {
            return HasMembers(json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Malformed JSON, or half of a surrogate pair in a string.
            return false;
        }
    }

    private bool HasMembers(ReadOnlySpan<byte> json)
    {
        Span<Range> others = stackalloc Range[maxOthers];
        var (seen, otherCount) = (0UL, 0);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var index = IndexOf(name);

            var isKnown = index >= 0;

            // With escapes a name would have a second spelling.
            if (reader.ValueIsEscaped
                || (isKnown && (seen & (1UL << index)) != 0)
                || (!isKnown && (otherCount == maxOthers || Contains(others[..otherCount], name, json))))
            {
                return false;
            }

            if (isKnown)
            {
                seen |= 1UL << index;
            }
            else
            {
                var start = (int)reader.TokenStartIndex + 1;
                others[otherCount++] = start..(start + name.Length);
            }

            reader.Read();
            if (!HasForm(ref reader, isKnown ? members[index].Form : JsonForm.Other))
            {
                return false;
            }
        }

        return (seen & required) == required && !reader.Read();
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < members.Length; index++)
        {
            if (name.SequenceEqual(members[index].Utf8Name))
            {
                return index;
            }
        }

        return -1;
    }

    private static bool Contains(ReadOnlySpan<Range> names, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        foreach (var other in names)
        {
            if (name.SequenceEqual(json[other]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasForm(ref Utf8JsonReader reader, JsonForm form) => form switch
    {
        JsonForm.Text => IsText(ref reader),
        JsonForm.Texts => AreTexts(ref reader),
        JsonForm.Flag => reader.TokenType is JsonTokenType.True or JsonTokenType.False,
        JsonForm.Seconds => IsSeconds(ref reader),
        JsonForm.Id => IsId(ref reader),
        _ => reader.TokenType switch
        {
            JsonTokenType.String => IsText(ref reader),
            JsonTokenType.StartArray => AreTexts(ref reader),
            JsonTokenType.Number => reader.TryGetDouble(out var number) && double.IsFinite(number),
            var type => type is JsonTokenType.True or JsonTokenType.False,
        },
    };

    // Only a string with escapes can be no Unicode text, and reading it throws.
    private static bool IsText(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && (!reader.ValueIsEscaped || reader.GetString() is not null);

    private static bool AreTexts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && IsText(ref reader))
        {
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private static bool IsSeconds(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number
        && reader.ValueSpan[0] != (byte)'-'
        && reader.TryGetInt64(out var seconds)
        && seconds <= LatestSecond;

    private static bool IsId(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
        && !reader.ValueIsEscaped
        && reader.TryGetGuid(out _)
        && !reader.ValueSpan.ContainsAnyInRange((byte)'A', (byte)'F');
}
