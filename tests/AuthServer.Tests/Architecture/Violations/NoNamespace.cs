using AuthServer.Tests.Architecture;

[CounterExample(nameof(ArchitectureRules.EveryTypeIsInARoom), "is in no room")]
internal sealed class NoNamespace;
