using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test that needs root and the named programs; skipped, saying so, where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute(params string[] programs)
    {
        Skip = Requirement.WhyNotRoot([.. programs, "ip"]);
    }
}
