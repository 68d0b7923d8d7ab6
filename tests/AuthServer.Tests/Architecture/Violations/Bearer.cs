using AuthServer.Hosting;
using AuthServer.Tests.Architecture;

namespace AuthServer.Bearer;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(DataOptions))]
internal sealed class HostingUser(DataOptions options);
