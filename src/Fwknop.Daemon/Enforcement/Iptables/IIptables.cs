using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>The iptables of one address family, however it is reached. Equal ones change the same rules.</summary>
internal interface IIptables
{
    /// <summary>Its name, for messages: <c>ip6tables</c>.</summary>
    string Name { get; }

    /// <summary>Why rules may not open what they should; null where nothing is known against it.</summary>
    string? Caveat => null;

    /// <summary>True when a script of thousands of lines takes little longer than one of a few.</summary>
    bool IsFastInBulk { get; }

    /// <summary>Runs one command.</summary>
    /// <param name="arguments"><c>-t nat -S</c>; how long to wait for a lock is not among them.</param>
    /// <param name="log">Told of what is run.</param>
    ExternalResult Run(IReadOnlyList<string> arguments, IFirewallLog log);

    /// <summary>
    /// Does a script, or fails. What is in one table is done or not done as a whole; of a script for two, the first part may have been done when the second
    /// fails.
    /// </summary>
    /// <param name="script">At least one line.</param>
    /// <param name="log">Told of what is run.</param>
    ExternalResult Commit(IptablesScript script, IFirewallLog log);
}
