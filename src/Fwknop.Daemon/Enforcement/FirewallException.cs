namespace Fwknop.Daemon.Enforcement;

/// <summary>The firewall cannot be used. The message is for the administrator and has the firewall's own words in it.</summary>
internal sealed class FirewallException : Exception
{
    public FirewallException(string message)
        : base(message)
    {
    }

    /// <summary>FIREWALL_EXE names something else, or not by its absolute path.</summary>
    /// <param name="program">What it should be: <c>iptables</c>.</param>
    /// <param name="executable">What it is.</param>
    public static FirewallException OtherProgram(string program, string executable) =>
        new($"FIREWALL_EXE must be the absolute path of {program}, and not '{executable}'");

    public FirewallException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
