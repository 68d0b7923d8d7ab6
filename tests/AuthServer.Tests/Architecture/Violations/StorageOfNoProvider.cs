using AuthServer.Tests.Architecture;

namespace AuthServer.Storage.MySql;

[CounterExample(nameof(ArchitectureRules.EveryTypeIsInARoom), "is in no room")]
internal sealed class UnknownProvider;
