using AuthServer.Storage;
using AuthServer.Tests.Architecture;
using Microsoft.Extensions.Logging;

namespace AuthServer.Core;

[CounterExample(nameof(ArchitectureRules.CoreUsesNoPackage), nameof(ILogger))]
internal sealed class LoggingRule(ILogger log);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(SessionStore))]
[CounterExample(nameof(ArchitectureRules.RoomsFormNoCircle), nameof(SessionStore))]
internal sealed class StoringRule(SessionStore sessions);
