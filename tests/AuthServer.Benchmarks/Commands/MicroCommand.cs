using AuthServer.Benchmarks.Micro;
using AuthServer.Benchmarks.Servers;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The command <c>micro</c>: measures single steps of a request with BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public static int Run(IReadOnlyList<string> arguments)
    {
        // In this process, because a generated project would be built with the analyzers and rules of this repository.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Repository.Artifacts, "micro"));
        var summary = BenchmarkRunner.Run<TokenBenchmarks>(config, [.. arguments]);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? 1 : 0;
    }
}
