using System.Reflection;
using AuthServer.Tests.Architecture;

namespace AuthServer.Tests;

/// <summary>Holds the server to the architecture rules, and each rule to deliberate violations that it must find.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Tests = typeof(ArchitectureTests).Assembly;

    // The server and the projects that it references.
    private static readonly IReadOnlyList<CompiledType> Server =
        [.. AssembliesFrom(typeof(Program).Assembly).SelectMany(TypeReader.Read)];

    private static readonly IReadOnlyList<CompiledType> Compiled = TypeReader.Read(Tests);

    public static TheoryData<string> Rules => [.. ArchitectureRules.All.Keys];

    public static TheoryData<string> CounterExamples => [.. Examples.Select(example => example.FullName!)];

    private static IEnumerable<Type> Examples => Tests.GetTypes().Where(type => RulesBrokenBy(type).Any());

    [Theory]
    [MemberData(nameof(Rules))]
    public void Server_breaks_no_rule(string rule)
    {
        var violations = string.Join(Environment.NewLine, ArchitectureRules.All[rule](Server));
        Assert.True(violations.Length == 0, violations);
    }

    [Theory]
    [MemberData(nameof(CounterExamples))]
    public void Counter_example_beside_server_is_found(string name)
    {
        var example = Assert.Single(Compiled, type => type.ToString() == name);
        HashSet<CompiledType> own = [example];
        while (Compiled.FirstOrDefault(type => !own.Contains(type) && own.Any(one => one.Uses.Contains(type.Name))) is { } used)
        {
            own.Add(used);
        }

        var types = own.Concat(Server).ToList();
        Assert.All(RulesBrokenBy(Tests.GetType(name)!), broken => Assert.Contains(
            ArchitectureRules.All[broken.Rule](types),
            violation => violation.Contains(name, StringComparison.Ordinal)
                && violation.Contains(broken.Culprit, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_has_counter_example(string rule) =>
        Assert.Contains(Examples.SelectMany(RulesBrokenBy), broken => broken.Rule == rule);

    [Fact]
    public void Server_has_endpoints_and_services_to_judge()
    {
        Assert.Contains(Server, ArchitectureRules.IsEndpoint);
        Assert.Contains(Server, ArchitectureRules.IsService);
    }

    private static IEnumerable<CounterExampleAttribute> RulesBrokenBy(Type example) =>
        example.GetCustomAttributes<CounterExampleAttribute>(inherit: false);

    private static IEnumerable<Assembly> AssembliesFrom(Assembly assembly) => assembly.GetReferencedAssemblies()
        .Where(reference => reference.Name!.StartsWith("AuthServer.", StringComparison.Ordinal))
        .SelectMany(reference => AssembliesFrom(Assembly.Load(reference)))
        .Prepend(assembly)
        .Distinct();
}
