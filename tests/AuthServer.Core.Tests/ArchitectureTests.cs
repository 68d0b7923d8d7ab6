using System.Runtime.InteropServices;

namespace AuthServer.Core.Tests;

public sealed class ArchitectureTests
{
    [Fact]
    public void Core_references_the_framework_and_no_package()
    {
        // Packages may be called System too, so the assembly also has to lie where the runtime does.
        var framework = RuntimeEnvironment.GetRuntimeDirectory();

        Assert.All(typeof(Rotation).Assembly.GetReferencedAssemblies(), reference =>
        {
            Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(framework, reference.Name + ".dll")), $"{reference.Name} is a package.");
        });
    }
}
