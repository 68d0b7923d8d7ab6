using AuthServer.Storage;
using AuthServer.Tests.Architecture;

namespace AuthServer.Http;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(SessionStore))]
internal sealed class StorageUser(SessionStore sessions);
