using Xunit;

namespace Fwknop.TestSupport;

/// <summary>As <see cref="InteropFactAttribute"/>, with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropTheoryAttribute : TheoryAttribute
{
    public InteropTheoryAttribute()
    {
        Skip = Requirement.WhyNotInterop.Value;
    }
}
