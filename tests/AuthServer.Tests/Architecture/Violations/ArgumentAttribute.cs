namespace AuthServer.Tests.Architecture;

/// <summary>Takes types as arguments, and is in no room itself.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class ArgumentAttribute(params object[] values) : Attribute
{
    public object[] Values => values;

    public Type? Named { get; init; }
}

/// <summary>Takes a type as its type argument.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class ArgumentAttribute<T> : Attribute;
