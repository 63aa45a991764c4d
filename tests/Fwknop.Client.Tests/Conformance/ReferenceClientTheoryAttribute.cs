using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Rows that need the reference client, and <c>setsid</c> to have no terminal.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReferenceClientTheoryAttribute : TheoryAttribute
{
    public ReferenceClientTheoryAttribute()
    {
        Skip = Requirement.WhyNot("setsid")
            ?? (File.Exists(Reference.ClientProgram)
                ? null
                : $"the reference {Reference.ClientProgram} is not installed (Debian package fwknop-client)");
    }
}
