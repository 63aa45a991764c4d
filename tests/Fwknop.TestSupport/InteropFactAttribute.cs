using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test that needs root, the original fwknop and fwknopd, and their firewall; skipped, saying so, where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropFactAttribute : FactAttribute
{
    public InteropFactAttribute()
    {
        Skip = Requirement.WhyNotInterop.Value;
    }
}
