using AuthServer.Accounts;
using AuthServer.Tests.Architecture;

namespace AuthServer.ExternalLogins;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(RegistrationService))]
internal sealed class AccountUser(RegistrationService accounts);
