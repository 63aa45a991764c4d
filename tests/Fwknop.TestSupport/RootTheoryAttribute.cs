using Xunit;

namespace Fwknop.TestSupport;

/// <summary>As <see cref="RootFactAttribute"/>, with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute(params string[] programs)
    {
        Skip = Requirement.WhyNotRoot([.. programs, "ip"]);
    }
}
