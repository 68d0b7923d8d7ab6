using AuthServer.Storage;
using AuthServer.Tests.Architecture;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Credentials;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(AccountStore))]
internal sealed class StorageUser(AccountStore accounts);

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(IHttpContextAccessor))]
internal sealed class HttpHasher(IHttpContextAccessor http);
