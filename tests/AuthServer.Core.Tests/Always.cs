using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>Runs FsCheck as these tests need it: a number of cases, new ones on every run, silent unless one fails.</summary>
internal static class Always
{
    public static void Holds<T>(int cases, Arbitrary<T> values, Action<T> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true), Prop.ForAll(values, property));
}
