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
        var names = new NameSet(members, json, stackalloc Range[maxOthers]);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // With escapes a name would have a second spelling.
            if (reader.ValueIsEscaped || !names.TryAdd(reader.ValueSpan, (int)reader.TokenStartIndex + 1, out var form))
            {
                return false;
            }

            reader.Read();
            if (!HasForm(ref reader, form))
            {
                return false;
            }
        }

        return (names.Known & required) == required && !reader.Read();
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

    /// <summary>The names that were read so far.</summary>
    private ref struct NameSet(JsonMember[] members, ReadOnlySpan<byte> json, Span<Range> others)
    {
        private readonly ReadOnlySpan<byte> json = json;
        private readonly Span<Range> others = others;
        private int otherCount;

        /// <summary>A bit for each known member.</summary>
        public ulong Known { get; private set; }

        /// <summary>Adds a name that begins at an index of the JSON. False for a duplicate, and for one name too many.</summary>
        public bool TryAdd(ReadOnlySpan<byte> name, int start, out JsonForm form)
        {
            form = JsonForm.Other;
            for (var index = 0; index < members.Length; index++)
            {
                if (name.SequenceEqual(members[index].Utf8Name))
                {
                    form = members[index].Form;
                    return TryAddKnown(1UL << index);
                }
            }

            return TryAddOther(name, start);
        }

        private bool TryAddKnown(ulong bit)
        {
            var isNew = (Known & bit) == 0;
            Known |= bit;
            return isNew;
        }

        private bool TryAddOther(ReadOnlySpan<byte> name, int start)
        {
            if (otherCount == others.Length)
            {
                return false;
            }

            foreach (var other in others[..otherCount])
            {
                if (name.SequenceEqual(json[other]))
                {
                    return false;
                }
            }

            others[otherCount++] = start..(start + name.Length);
            return true;
        }
    }
}
