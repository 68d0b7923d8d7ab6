namespace AuthServer.Tests.Architecture;

/// <summary>Marks a type that breaks a rule on purpose.</summary>
/// <param name="rule">Name of the rule, a method of <see cref="ArchitectureRules"/>.</param>
/// <param name="culprit">
/// Text that the sentence of the violation contains beside the type's name. A string, because naming a type here would use it.
/// </param>
[AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
internal sealed class CounterExampleAttribute(string rule, string culprit) : Attribute
{
    public string Rule => rule;

    public string Culprit => culprit;
}
