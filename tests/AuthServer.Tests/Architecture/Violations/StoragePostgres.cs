using AuthServer.Storage.Sqlite;
using AuthServer.Tests.Architecture;

namespace AuthServer.Storage.Postgres;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(SqliteFile))]
internal sealed class OtherProviderUser(SqliteFile file);
