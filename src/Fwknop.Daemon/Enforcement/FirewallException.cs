namespace Fwknop.Daemon.Enforcement;

/// <summary>The firewall cannot be used. The message is for the administrator and has the firewall's own words in it.</summary>
internal sealed class FirewallException : Exception
{
    public FirewallException(string message)
        : base(message)
    {
    }

    public FirewallException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
