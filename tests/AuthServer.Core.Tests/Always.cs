using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>FsCheck as the tests here use it: so many cases, new ones on every run, silent unless one of them fails.</summary>
internal static class Always
{
    public static void Holds<T>(int cases, Arbitrary<T> values, Action<T> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true), Prop.ForAll(values, property));
}
