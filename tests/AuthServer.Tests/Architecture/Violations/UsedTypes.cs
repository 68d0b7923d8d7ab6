namespace AuthServer.Sessions;

// Types for the classes of another room to use.
internal class UsedClass;

internal interface IUsedInterface;

internal readonly struct UsedStruct;

internal enum UsedEnum
{
    One,
}

internal delegate void UsedDelegate();

internal sealed class UsedException : Exception;

[AttributeUsage(AttributeTargets.All)]
internal sealed class UsedAttribute : Attribute;

internal static class UsedExtensions
{
    public static readonly object Shared = new();

    public static int Doubled(this int number) => 2 * number;

    public static int ValueOf(UsedEnum value) => (int)value;
}
