using AuthServer.Tests.Architecture;

namespace AuthServer.Utilities;

[CounterExample(nameof(ArchitectureRules.EveryTypeIsInARoom), "is in no room")]
internal sealed class UnknownRoom;
