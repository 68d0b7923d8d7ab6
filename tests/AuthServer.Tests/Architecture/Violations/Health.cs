using AuthServer.Sessions;
using AuthServer.Tests.Architecture;

namespace AuthServer.Health;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(RefreshService))]
internal sealed class SessionUser(RefreshService sessions);
