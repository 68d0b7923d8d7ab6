using AuthServer.Storage;
using AuthServer.Tests.Architecture;

namespace AuthServer.Credentials;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(AccountStore))]
internal sealed class StorageUser(AccountStore accounts);
