using AuthServer.Sessions;
using AuthServer.Tests.Architecture;

namespace AuthServer.Tokens;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(RefreshService))]
[CounterExample(nameof(ArchitectureRules.RoomsFormNoCircle), nameof(RefreshService))]
internal sealed class SessionUser(RefreshService sessions);
