using AuthServer.Benchmarks.Micro;
using AuthServer.Benchmarks.Servers;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>micro</c>: what a single step costs.</summary>
internal static class MicroCommand
{
    public static int Run(IReadOnlyList<string> arguments)
    {
        // In this process: the project that would be generated for another one would be built by the rules of this repository.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Repository.Artifacts, "micro"));
        var summary = BenchmarkRunner.Run<TokenBenchmarks>(config, [.. arguments]);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? 1 : 0;
    }
}
