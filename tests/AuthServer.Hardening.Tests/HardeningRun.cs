using System.Globalization;

namespace AuthServer.Hardening.Tests;

/// <summary>
/// The form and the seed of this run. The short form has a fixed seed, so that it does the same each time. The long form
/// chooses one at random and reports it.
/// </summary>
internal static class HardeningRun
{
    private const int SeedOfShortForm = 15;

    /// <summary>True for the long form, which the variable <c>HARDENING</c> asks for.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("HARDENING") == "long";

    /// <summary>The seed of all random choices. The variable <c>HARDENING_SEED</c> repeats a run.</summary>
    public static int Seed { get; } = Environment.GetEnvironmentVariable("HARDENING_SEED") is { Length: > 0 } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : IsLong ? Random.Shared.Next() : SeedOfShortForm;

    /// <summary>A size in this run.</summary>
    public static int Of(int shortForm, int longForm) => IsLong ? longForm : shortForm;

    /// <summary>Reports form, seed and size, and returns the source of all random choices of a test.</summary>
    public static Random Begin(ITestOutputHelper report, string size)
    {
        report.WriteLine($"{(IsLong ? "Long" : "Short")} form, seed {Seed}, {size}.");
        return new Random(Seed);
    }
}
