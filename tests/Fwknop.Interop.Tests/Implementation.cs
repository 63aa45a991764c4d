using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>One of the two: ours, or the original of the distribution.</summary>
public enum Implementation
{
    Ours,
    Reference,
}

internal static class ImplementationPrograms
{
    public static string Client(this Implementation implementation) =>
        implementation == Implementation.Ours ? Programs.Client : Reference.ClientProgram;

    public static string Daemon(this Implementation implementation) =>
        implementation == Implementation.Ours ? Programs.Daemon : Reference.DaemonProgram;

    /// <summary>What each needs to use iptables, which both have.</summary>
    public static string DaemonConfiguration(this Implementation implementation) =>
        implementation == Implementation.Ours ? "FIREWALL_TYPE iptables;\n" : "";
}
