using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>What contenders are measured at.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Title">What the report calls it.</param>
/// <param name="Act">What its clients do.</param>
/// <param name="Connections">How many clients there are.</param>
internal sealed record Work(string Name, string Title, Act Act, int Connections)
{
    public const string PerSecond = "per second";
    public const string Megabytes = "MB";

    public static IReadOnlyList<Work> All { get; } =
    [
        new("refresh1", "Refresh, 1 connection", Act.Refresh, 1),
        new("refresh16", "Refresh, 16 connections", Act.Refresh, 16),
        new("refresh64", "Refresh, 64 connections", Act.Refresh, 64),
        new("refresh256", "Refresh, 256 connections", Act.Refresh, 256),
        new("private64", "Private GET, 64 connections", Act.Private, 64),
    ];
}
