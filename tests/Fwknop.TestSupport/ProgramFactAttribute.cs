using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test that needs the named programs; skipped, saying so, where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs)
    {
        Skip = Requirement.WhyNot(programs);
    }
}
