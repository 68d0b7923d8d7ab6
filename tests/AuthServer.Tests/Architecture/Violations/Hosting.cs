using AuthServer.Http;
using AuthServer.Tests.Architecture;
using Microsoft.AspNetCore.Builder;

namespace AuthServer.Hosting;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(AnswersWithTokens))]
[CounterExample(nameof(ArchitectureRules.RoomsFormNoCircle), nameof(AnswersWithTokens))]
internal sealed class HttpUser(AnswersWithTokens answers);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(Composition))]
[CounterExample(nameof(ArchitectureRules.RoomsFormNoCircle), nameof(Composition))]
internal static class CompositionUser
{
    public static WebApplicationBuilder Create() => Composition.CreateBuilder([]);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(Program))]
internal static class ProgramUser
{
    public static string? Version => typeof(Program).Assembly.GetName().Version?.ToString();
}
