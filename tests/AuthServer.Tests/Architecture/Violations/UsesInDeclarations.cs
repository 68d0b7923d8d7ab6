using AuthServer.Sessions;
using AuthServer.Tests.Architecture;

namespace AuthServer.Hosting;

// Each class uses one type of a room that it may not use, and each does so in a declaration of its own.

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal sealed class InPrimaryConstructor(UsedClass used);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal sealed class AsBaseClass : UsedClass;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(IUsedInterface))]
internal sealed class AsInterface : IUsedInterface;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedEnum))]
internal sealed class InField
{
    public const UsedEnum Number = UsedEnum.One;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal sealed class InProperty
{
    public UsedClass? Used { get; init; }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal abstract class InEvent
{
    public abstract event EventHandler<UsedClass>? Used;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal abstract class InParameter
{
    public abstract void Take(in UsedClass used);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal abstract class InReturnType
{
    public abstract Task<IReadOnlyDictionary<string, UsedClass>> GiveAsync();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal abstract class InConstraint
{
    public abstract void Take<T>()
        where T : UsedClass;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal abstract class InConstraintOfType
{
    internal interface INested<T>
        where T : UsedClass;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal sealed class InNestedType
{
    private sealed record Nested(UsedClass Used);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
[Used]
internal sealed class AsAttribute;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfMethod
{
    [Used]
    public abstract void Act();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfParameter
{
    public abstract void Take([Used] int number);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfReturnValue
{
    [return: Used]
    public abstract int Give();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfTypeParameter
{
    public abstract void Take<[Used] T>();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal sealed class AsAttributeOfField
{
    [Used]
    public const int Number = 1;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfProperty
{
    [Used]
    public abstract int Number { get; }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedAttribute))]
internal abstract class AsAttributeOfEvent
{
    [Used]
    public abstract event EventHandler? Happened;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
[Argument(typeof(UsedClass))]
internal sealed class InArgumentOfAttribute;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedEnum))]
[Argument(UsedEnum.One)]
internal sealed class AsArgumentOfAttribute;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
[Argument(Named = typeof(UsedClass))]
internal sealed class InNamedArgumentOfAttribute;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
[Argument<UsedClass>]
internal sealed class InArgumentOfGenericAttribute;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedDelegate))]
internal abstract class AsDelegate
{
    public abstract void Take(UsedDelegate used);
}
