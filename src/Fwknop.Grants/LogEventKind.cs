namespace Fwknop.Grants;

/// <summary>
/// What a log line can be about: the whole list, of which docs/log.md is the description. Names and fields are a promise to who reads the log by
/// program: more may come, none changes its meaning.
/// </summary>
public sealed class LogEventKind
{
    private LogEventKind(string name, bool isListeners, params IReadOnlyList<LogField> fields)
    {
        Name = name;
        IsListeners = isListeners;
        Fields = fields;
    }

    /// <summary>Two words with a dot: what it is about, and what happened.</summary>
    public string Name { get; }

    /// <summary>True when the process that reads packets may write it. It cannot claim that something was opened.</summary>
    public bool IsListeners { get; }

    /// <summary>The fields that it may have, in the order in which they are written.</summary>
    public IReadOnlyList<LogField> Fields { get; }

    public static LogEventKind PacketReceived { get; } = new("packet.received", true, LogField.Source, LogField.Bytes);

    public static LogEventKind PacketMalformed { get; } = new("packet.malformed", true, LogField.Source, LogField.Reason);

    public static LogEventKind PacketUnknownSource { get; } = new("packet.unknown_source", true, LogField.Source);

    public static LogEventKind PacketReplayed { get; } = new(
        "packet.replayed", true, LogField.Source, LogField.Protocol, LogField.Port, LogField.OriginalSource, LogField.FirstSeen);

    public static LogEventKind PacketRepeated { get; } = new("packet.repeated", true, LogField.Source);

    public static LogEventKind PacketFiltered { get; } = new(
        "packet.filtered", true, LogField.Source, LogField.Destination, LogField.Stanza, LogField.StanzaName);

    public static LogEventKind PacketMatched { get; } = new("packet.matched", true, LogField.Source, LogField.Stanza, LogField.StanzaName);

    public static LogEventKind PacketMismatched { get; } = new(
        "packet.mismatched", true, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.Error);

    public static LogEventKind PacketUnauthenticated { get; } = new("packet.unauthenticated", true, LogField.Source);

    public static LogEventKind PacketDropped { get; } = new("packet.dropped", true, LogField.Source);

    public static LogEventKind PacketSigned { get; } = new(
        "packet.signed", true, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.Signer);

    public static LogEventKind PacketRefused { get; } = new(
        "packet.refused", true, LogField.Source, LogField.Reason, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Allow, LogField.Ports, LogField.Seconds);

    public static LogEventKind PacketTested { get; } = new(
        "packet.tested", true, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Allow, LogField.Ports);

    public static LogEventKind PacketUnrecorded { get; } = new("packet.unrecorded", false, LogField.Source);

    public static LogEventKind ProxyRefused { get; } = new("proxy.refused", true, LogField.Source, LogField.Value);

    public static LogEventKind LogSuppressed { get; } = new("log.suppressed", true, LogField.Count);

    public static LogEventKind CaptureStarted { get; } = new("capture.started", true, LogField.Capture, LogField.Interface, LogField.Port);

    public static LogEventKind CaptureLost { get; } = new("capture.lost", true, LogField.Interface, LogField.Error);

    public static LogEventKind CaptureFailed { get; } = new("capture.failed", true, LogField.Error);

    public static LogEventKind CaptureLimitReached { get; } = new("capture.limit_reached", true, LogField.Count);

    public static LogEventKind GrantOpened { get; } = new(
        "grant.opened", false, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Allow, LogField.Ports, LogField.Seconds, LogField.Expires);

    public static LogEventKind GrantExtended { get; } = new(
        "grant.extended", false, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Allow, LogField.Ports, LogField.Seconds, LogField.Expires);

    public static LogEventKind GrantClosed { get; } = new(
        "grant.closed", false, LogField.Allow, LogField.Destination, LogField.Ports, LogField.Chain, LogField.Expires);

    public static LogEventKind GrantRevoked { get; } = new(
        "grant.revoked", false, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Allow, LogField.Destination, LogField.Ports, LogField.Uid);

    public static LogEventKind ConnectionsEnded { get; } = new("connections.ended", false, LogField.Allow, LogField.Count, LogField.Uid);

    public static LogEventKind ControlRefused { get; } = new("control.refused", false, LogField.Uid);

    public static LogEventKind RuleAdded { get; } = new(
        "rule.added", false, LogField.Allow, LogField.Destination, LogField.Ports, LogField.Chain, LogField.Expires);

    public static LogEventKind RuleExtended { get; } = new(
        "rule.extended", false, LogField.Allow, LogField.Destination, LogField.Ports, LogField.Chain, LogField.Expires);

    public static LogEventKind RuleFailed { get; } = new(
        "rule.failed", false, LogField.Allow, LogField.Destination, LogField.Ports, LogField.Chain, LogField.Error);

    public static LogEventKind CommandReceived { get; } = new(
        "command.received", false, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.User, LogField.Command);

    public static LogEventKind CommandRun { get; } = new(
        "command.run", false, LogField.Source, LogField.Stanza, LogField.StanzaName, LogField.Allow, LogField.Kind, LogField.Command);

    public static LogEventKind CommandScheduled { get; } = new(
        "command.scheduled", false, LogField.Source, LogField.Stanza, LogField.Allow, LogField.Kind, LogField.Seconds, LogField.Command);

    public static LogEventKind CommandEnded { get; } = new(
        "command.ended", false, LogField.Source, LogField.Stanza, LogField.Kind, LogField.Status);

    public static LogEventKind CommandFailed { get; } = new(
        "command.failed", false, LogField.Source, LogField.Stanza, LogField.Allow, LogField.Kind, LogField.Command, LogField.Error);

    public static LogEventKind DaemonStarting { get; } = new("daemon.starting", false);

    public static LogEventKind DaemonStarted { get; } = new("daemon.started", false);

    public static LogEventKind DaemonReloading { get; } = new("daemon.reloading", false);

    public static LogEventKind DaemonReloaded { get; } = new("daemon.reloaded", false);

    public static LogEventKind DaemonReloadFailed { get; } = new("daemon.reload_failed", false);

    public static LogEventKind DaemonStopping { get; } = new("daemon.stopping", false);

    public static LogEventKind DaemonStopped { get; } = new("daemon.stopped", false);

    public static LogEventKind DaemonFailed { get; } = new("daemon.failed", false, LogField.Error);

    public static LogEventKind DecryptorFailed { get; } = new("decryptor.failed", false, LogField.Error);

    public static LogEventKind ConfigurationFinding { get; } = new("configuration.finding", false, LogField.File, LogField.Line);

    public static LogEventKind FirewallReady { get; } = new("firewall.ready", false, LogField.Firewall);

    public static LogEventKind FirewallRepaired { get; } = new("firewall.repaired", false);

    public static LogEventKind FirewallFailed { get; } = new("firewall.failed", false, LogField.Error);

    public static LogEventKind LedgerFailed { get; } = new("ledger.failed", false, LogField.File, LogField.Error);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LogEventKind> All { get; } =
    [
        PacketReceived, PacketMalformed, PacketUnknownSource, PacketReplayed, PacketRepeated, PacketFiltered, PacketMatched, PacketMismatched,
        PacketUnauthenticated, PacketDropped, PacketSigned, PacketRefused, PacketTested, PacketUnrecorded, ProxyRefused, LogSuppressed,
        CaptureStarted, CaptureLost, CaptureFailed, CaptureLimitReached,
        GrantOpened, GrantExtended, GrantClosed, GrantRevoked, ConnectionsEnded, ControlRefused, RuleAdded, RuleExtended, RuleFailed,
        CommandReceived, CommandRun, CommandScheduled, CommandEnded, CommandFailed,
        DaemonStarting, DaemonStarted, DaemonReloading, DaemonReloaded, DaemonReloadFailed, DaemonStopping, DaemonStopped, DaemonFailed,
        DecryptorFailed,
        ConfigurationFinding, FirewallReady, FirewallRepaired, FirewallFailed, LedgerFailed,
    ];

    /// <summary>The one of this name that the listener may write, or null.</summary>
    internal static LogEventKind? FindListeners(string name) => All.FirstOrDefault(kind => kind.IsListeners && kind.Name == name);
}
