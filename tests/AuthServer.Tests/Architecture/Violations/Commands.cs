using AuthServer.Http;
using AuthServer.Tests.Architecture;

namespace AuthServer.Commands;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(AnswersWithTokens))]
internal sealed class HttpUser(AnswersWithTokens answers);
