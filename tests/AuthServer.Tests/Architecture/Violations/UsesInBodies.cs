using System.Collections;
using AuthServer.Sessions;
using AuthServer.Tests.Architecture;

namespace AuthServer.Hosting;

// Each class uses one type of a room that it may not use, and each does so in a kind of statement of its own.

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class AsLocalVariable
{
    public static void Keep(int times)
    {
        UsedClass? used = null;
        for (var count = 0; count < times; count++)
        {
            GC.KeepAlive(used);
            used = null;
        }
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class AsLocalVariableOfAsyncMethod
{
    public static async Task KeepAsync()
    {
        UsedClass? used = null;
        await Task.Yield();
        GC.KeepAlive(used);
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InForeach
{
    public static int Count(IEnumerable list)
    {
        var count = 0;
        foreach (UsedClass used in list)
        {
            count++;
        }

        return count;
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InCreation
{
    public static object Create() => new UsedClass();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InArray
{
    public static object Create() => new UsedClass[3];
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedStruct))]
internal static class InDefault
{
    public static object Create() => default(UsedStruct);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InTypeof
{
    public static object Get() => typeof(List<UsedClass>);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InPattern
{
    public static bool IsUsed(object value) => value is UsedClass;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InCast
{
    public static object Cast(object value) => (UsedClass)value;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedException))]
internal static class InCatch
{
    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (UsedException)
        {
            GC.KeepAlive(action);
        }
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedException))]
internal static class InFilter
{
    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is UsedException)
        {
            GC.KeepAlive(action);
        }
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedExtensions))]
internal static class AsExtensionMethod
{
    public static int Get(int number) => number.Doubled();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedExtensions))]
internal static class AsMethodGroup
{
    public static Func<int, int> Get() => UsedExtensions.Doubled;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedExtensions))]
internal static class InStaticField
{
    public static object Get() => UsedExtensions.Shared;
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedEnum))]
internal static class InArgumentOfCall
{
    public static int Get() => UsedExtensions.ValueOf(UsedEnum.One);
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InTypeArgumentOfCall
{
    public static object Get() => Activator.CreateInstance<UsedClass>();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InLambda
{
    public static Func<object> Get(int number) => () => number == 0 ? number : new UsedClass();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InLocalFunction
{
    public static object Get()
    {
        return Create();

        static object Create() => new UsedClass();
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InAsyncMethod
{
    public static async Task<object> GetAsync()
    {
        await Task.Yield();
        return new UsedClass();
    }
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InAsyncLambda
{
    public static Func<Task<object>> Get(int number) => async () =>
    {
        await Task.Delay(number);
        return new UsedClass();
    };
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(UsedClass))]
internal static class InIterator
{
    public static IEnumerable<object> Get()
    {
        yield return new UsedClass();
    }
}
