using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test that needs GnuPG; skipped, saying so, where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GpgTheoryAttribute : TheoryAttribute
{
    public GpgTheoryAttribute()
    {
        Skip = Requirement.WhyNot("gpg", "gpgconf", "gpg-agent", "gpg-connect-agent");
    }
}
