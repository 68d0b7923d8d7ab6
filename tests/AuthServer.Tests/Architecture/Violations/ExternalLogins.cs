using AuthServer.Commands;
using AuthServer.Tests.Architecture;

namespace AuthServer.ExternalLogins;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(CommandServices))]
internal sealed class CommandUser(CommandServices commands);
