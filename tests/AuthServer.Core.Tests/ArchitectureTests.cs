using System.Runtime.InteropServices;

namespace AuthServer.Core.Tests;

public sealed class ArchitectureTests
{
    [Fact]
    public void Core_references_framework_and_no_package()
    {
        // A package may be called System too, so the assembly must also be in the directory of the runtime.
        var framework = RuntimeEnvironment.GetRuntimeDirectory();

        Assert.All(typeof(Rotation).Assembly.GetReferencedAssemblies(), reference =>
        {
            Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(framework, reference.Name + ".dll")), $"{reference.Name} is a package.");
        });
    }
}
