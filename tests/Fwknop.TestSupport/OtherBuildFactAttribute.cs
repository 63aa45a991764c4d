using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test of a build for other systems; skipped, saying so, where it was not built or nothing here runs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OtherBuildFactAttribute : FactAttribute
{
    /// <param name="file">In the folder of the programs.</param>
    /// <param name="runner">The program that runs it.</param>
    public OtherBuildFactAttribute(string file, string runner)
    {
        Skip = !Programs.ArePublished || !File.Exists(Path.Combine(Programs.Folder, file))
            ? $"no {file} was built (./build --all, {Programs.Variable})"
            : Requirement.WhyNot(runner);
    }
}
