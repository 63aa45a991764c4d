using Xunit;

namespace Fwknop.TestSupport;

/// <summary>A test that needs GnuPG; skipped, saying so, where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GpgFactAttribute : FactAttribute
{
    public GpgFactAttribute()
    {
        Skip = Requirement.WhyNot("gpg", "gpgconf", "gpg-agent", "gpg-connect-agent");
    }
}
