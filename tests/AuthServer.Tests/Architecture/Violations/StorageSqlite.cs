using AuthServer.Storage.Postgres;
using AuthServer.Tests.Architecture;
using Npgsql;

namespace AuthServer.Storage.Sqlite;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(PostgresNode))]
internal sealed class OtherProviderUser(PostgresNode node);

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(NpgsqlConnection))]
internal sealed class OtherPackageUser(NpgsqlConnection connection);
