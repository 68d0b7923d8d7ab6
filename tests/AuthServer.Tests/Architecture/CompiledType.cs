namespace AuthServer.Tests.Architecture;

/// <summary>A type as compiled, together with the types that are nested in it: lambdas and state machines too.</summary>
/// <param name="Name">Name of the outermost type.</param>
/// <param name="IsGenerated">True if a generator or the compiler marked the type as its own.</param>
/// <param name="Uses">Every other type that the declarations, attributes and method bodies name.</param>
internal sealed record CompiledType(TypeName Name, bool IsGenerated, IReadOnlySet<TypeName> Uses)
{
    /// <summary>The room of the type; null if it is in none.</summary>
    public string? Room { get; } = Rooms.Of(Name);

    public override string ToString() => Name.ToString();
}

/// <summary>Name of a type that is not nested.</summary>
/// <param name="Assembly">Simple name of the assembly, such as <c>Microsoft.Data.Sqlite</c>.</param>
/// <param name="Namespace">The namespace; empty for the global one.</param>
/// <param name="Name">The name in the namespace, without the number of type parameters.</param>
internal readonly record struct TypeName(string Assembly, string Namespace, string Name)
{
    /// <summary>True if the assembly has this name, or one that continues it after a dot.</summary>
    public bool IsIn(string assembly) =>
        Assembly == assembly || Assembly.StartsWith(assembly + ".", StringComparison.Ordinal);

    /// <summary>True if the name ends in one of these.</summary>
    public bool IsNamed(params string[] endings)
    {
        var name = Name;
        return Array.Exists(endings, ending => name.EndsWith(ending, StringComparison.Ordinal));
    }

    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";
}
