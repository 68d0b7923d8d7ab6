using AuthServer.Commands;
using AuthServer.ExternalLogins;
using AuthServer.Tests.Architecture;

namespace AuthServer.Accounts;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(CommandServices))]
internal sealed class CommandUser(CommandServices commands);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(LinkedIdentityService))]
internal sealed class LinkedIdentityUser(LinkedIdentityService identities);
