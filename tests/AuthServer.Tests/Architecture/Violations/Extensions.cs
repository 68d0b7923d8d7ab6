using AuthServer.Tests.Architecture;

namespace Microsoft.Extensions.DependencyInjection;

[CounterExample(nameof(ArchitectureRules.EveryTypeIsInARoom), "is in no room")]
internal static class ForeignNamespaceExtensions;
