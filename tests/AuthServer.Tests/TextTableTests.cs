using System.Text.Json;
using AuthServer.Commands;

namespace AuthServer.Tests;

/// <summary>The output of commands, which has text that attackers choose.</summary>
public sealed class TextTableTests
{
    [Fact]
    public void Control_characters_are_shown_and_not_obeyed()
    {
        var table = new TextTable("ID", "DEVICE");
        table.Add("1", "\u001b[2J\u009b31mred\r\n\u202egnirts");
        Assert.Equal(
            $"ID  DEVICE{Environment.NewLine}1   \\u001b[2J\\u009b31mred\\u000d\\u000a\\u202egnirts{Environment.NewLine}",
            table.Take());
    }

    [Fact]
    public void Columns_keep_their_width_from_part_to_part()
    {
        var table = new TextTable("A", "B");
        table.Add("wide cell", "1");
        Assert.Equal($"A          B{Environment.NewLine}wide cell  1{Environment.NewLine}", table.Take());
        table.Add("x", "2");
        Assert.Equal($"x          2{Environment.NewLine}", table.Take());
        Assert.Equal("", table.Take());
    }
}

/// <summary>The lines of <c>--json</c>.</summary>
public sealed class CommandsJsonTests
{
    [Fact]
    public void Control_characters_are_escaped()
    {
        var line = new SessionLine(
            default, "ada", "\u001b[2J\u009b\u202e\n", UserAgent: null, IpAddress: null, default, default, default, null, null);
        var json = JsonSerializer.Serialize(line, CommandsJson.Default.SessionLine);
        Assert.All(json, character => Assert.InRange(character, ' ', '~'));
        Assert.Contains("\"deviceName\":\"\\u001B[2J\\u009B\\u202E\\n\"", json, StringComparison.Ordinal);
    }
}

/// <summary>The moments that <c>--since</c> takes.</summary>
public sealed class SinceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("90m", "2026-01-31T10:30:00Z")]
    [InlineData("24h", "2026-01-30T12:00:00Z")]
    [InlineData("7d", "2026-01-24T12:00:00Z")]
    [InlineData("2026-01-30", "2026-01-30T00:00:00Z")]
    [InlineData("2026-01-30T12:00Z", "2026-01-30T12:00:00Z")]
    [InlineData("2026-01-30T12:00+09:00", "2026-01-30T03:00:00Z")]
    public void Moment_or_time_before_now_is_read(string text, string expected)
    {
        Assert.True(EventCommands.TryParseSince(text, Now, out var since));
        Assert.Equal(expected, since.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-1h")]
    [InlineData("999999d")]
    [InlineData("5")]
    public void Other_text_is_refused(string text) => Assert.False(EventCommands.TryParseSince(text, Now, out _));
}
