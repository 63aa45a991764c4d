using Fwknop.Configuration.Server;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Listening;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// <c>--explain</c>: a listener of its own, confined like the daemon's, reads the packets and tells what it thinks of them. Nothing is recorded, opened or run,
/// and a daemon that runs does not notice.
/// </summary>
internal static class ExplainCommand
{
    /// <summary>The statuses with which a listener ends that has said all: a packet would be granted, or none.</summary>
    private const int Granted = 0;
    private const int Refused = 1;

    /// <summary>Does it.</summary>
    /// <param name="configuration">Limits and keys.</param>
    /// <param name="options">The command line.</param>
    /// <param name="output">Where the report goes.</param>
    /// <param name="log">Where everything else goes.</param>
    /// <returns>The exit status: 0 when a packet would be granted.</returns>
    /// <exception cref="StartupException">The packets cannot be opened, or the listener not be started.</exception>
    public static int Run(DaemonConfiguration configuration, ServerOptions options, TextWriter output, DaemonLog log)
    {
        CurrentProcess.IsDumpable = false;
        ServerConfig config = configuration.Server;
        ListenerIdentity identity = ListenerIdentity.Find(config.ListenerUser);
        using PassedCapture packets = PassedCapture.OpenPackets(options.ExplainFile!);
        using Decryptors decryptors = Decryptors.Start(config, KeyringPlan.Make(configuration.Access, config, identity, log), packets.NextNumber, log);
        ListenerSetup setup = MakeSetup(configuration, options, packets, decryptors, log);
        ConfinedRights rights = new(identity.Uid, identity.Gid, []);
        using ConfinedProcess listener = ConfinedProcess.Start(
            ConfinedProcess.Program, config, rights, packets.With(decryptors.ListenerEnds), setup.Write, log);
        decryptors.CloseListenerEnds();

        // What comes from a packet, or from a listener that one has taken over, is cleaned before it reaches a terminal.
        using StreamReader report = new(listener.Output);
        BoundedLines.Relay(report, line => output.Write(LogLine.Clean(line) + '\n'));
        return End(listener, log);
    }

    /// <summary>Where nobody reads the report any more, the listener must not wait for it.</summary>
    private static int End(ConfinedProcess listener, DaemonLog log)
    {
        listener.TellToEnd();
        listener.Output.Close();
        ConfinedEnd end = listener.WaitForEnd();
        if (end.Status is null)
        {
            throw new StartupException("[*] fwknopd-listener closed its output and does not end");
        }

        if (end.Status is not (Granted or Refused))
        {
            log.Error($"[*] {end.Reason}");
        }

        return end.Status == Granted ? 0 : 1;
    }

    private static ListenerSetup MakeSetup(
        DaemonConfiguration configuration, ServerOptions options, PassedCapture packets, Decryptors decryptors, DaemonLog log)
    {
        ServerConfig config = configuration.Server;
        IReadOnlyList<SeenPacket>? seen = null;
        if (config.DetectsReplays && (seen = DigestOpening.TryRead(config, log, out string error)) is null)
        {
            log.Warning($"Replays are not checked: digest file '{config.DigestFile}' cannot be read: {error}");
        }

        return ListenerSetups.ToExplain(configuration, options, packets, decryptors, seen);
    }
}
