using Xunit;

namespace Fwknop.TestSupport;

/// <summary>As <see cref="ProgramFactAttribute"/>, with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(params string[] programs)
    {
        Skip = Requirement.WhyNot(programs);
    }
}
