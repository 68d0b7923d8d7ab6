using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Tests.HouseRules;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>The events of the log and the kinds of the audit log, compared with the tables of the guide.</summary>
public sealed partial class LogEventTests
{
    private static readonly string Guide = Repository.Files.Single(file => file.Path == "src/docs/operating.md").Text;

    private static readonly IReadOnlyList<LoggerMessageAttribute> Messages =
    [
        .. typeof(Log).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
                | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void Events_of_log_are_those_of_guide()
    {
        var named = Messages.Where(message => message.EventName is not null)
            .Select(message => (message.EventId, message.EventName!));
        var listed = LogRow().Matches(Guide).Select(row => (Number(row), row.Groups["name"].Value))
            .Concat(KindRow().Matches(Guide).Select(row => (Number(row), row.Groups["name"].Value)));
        Assert.Equal(named.Order(), listed.Order());
    }

    [Fact]
    public void Each_number_of_log_is_one_message() =>
        Assert.Equal(Messages.Count, Messages.Select(message => message.EventId).Distinct().Count());

    [Fact]
    public void Kinds_of_audit_log_are_those_of_guide_with_their_level()
    {
        var listed = KindRow().Matches(Guide)
            .Select(row => (Name: row.Groups["name"].Value, Level: row.Groups["level"].Value)).ToList();
        Assert.Equal(Enum.GetValues<EventKind>().Select(EventKinds.NameOf).Order(), listed.Select(row => row.Name).Order());
        Assert.All(listed, row => Assert.Equal(
            row.Level, Messages.Single(message => message.EventName == row.Name).Level.ToString()));
    }

    [Fact]
    public void Every_kind_has_line_of_its_name()
    {
        var recorder = new Support.LogRecorder();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(recorder));
        var log = new SecurityEventLog(loggers, new LineLimit(TimeProvider.System));
        foreach (var kind in Enum.GetValues<EventKind>())
        {
            log.Write([new SecurityEvent(kind, ClientInfo.CommandLine, Guid.NewGuid()) { Reason = EndReason.Logout }]);
        }

        Assert.Equal(Enum.GetValues<EventKind>().Select(EventKinds.NameOf), recorder.Lines.Select(line => line.Event));
    }

    private static int Number(Match row) => int.Parse(row.Groups["number"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| (?<number>\d+) \| `(?<name>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex LogRow();

    [GeneratedRegex(
        @"^\| `(?<name>\w+)` \| (?<number>\d+) \| (?<level>\w+) \| (?:each|network|account|account or network) \|",
        RegexOptions.Multiline)]
    private static partial Regex KindRow();
}
