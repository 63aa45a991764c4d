using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>
/// One stanza of access.conf: who may ask, with which keys, for what, for how long (server.md 4.2). Immutable.
/// Owns its keys: disposing the stanza wipes them.
/// </summary>
public sealed class AccessStanza : IDisposable
{
    /// <summary>FW_ACCESS_TIMEOUT when it is not set or 0, in seconds (server.md 4.2).</summary>
    public const int DefaultFwAccessTimeout = 30;

    /// <summary>MAX_FW_TIMEOUT when it is not set or 0, in seconds (server.md 4.2).</summary>
    public const int DefaultMaxFwTimeout = 300;

    /// <summary>Position in access.conf, from 1; log lines and grants name the stanza by it.</summary>
    public required int Number { get; init; }

    /// <summary>STANZA_NAME; null = none.</summary>
    public string? Name { get; init; }

    /// <summary>The file the stanza stands in.</summary>
    public required string File { get; init; }

    /// <summary>The line of its SOURCE.</summary>
    public required int Line { get; init; }

    /// <summary>Where packets may come from.</summary>
    public required AddressList Source { get; init; }

    /// <summary>Where packets must be sent to; null = anywhere.</summary>
    public AddressList? Destination { get; init; }

    /// <summary>The only ports that may be asked for; null = any.</summary>
    public PortList? OpenPorts { get; init; }

    /// <summary>Ports that may not be asked for; null = none. Looked at before <see cref="OpenPorts"/>.</summary>
    public PortList? RestrictPorts { get; init; }

    /// <summary>
    /// Keys, HMAC type and encryption mode of the packets; owned by the stanza. One that takes GPG packets alone has an empty encryption key and
    /// the mode that opens nothing.
    /// </summary>
    public required PacketKeys Keys { get; init; }

    /// <summary>True when the file gave the encryption key as KEY_BASE64.</summary>
    public bool EncryptionKeyIsBase64 { get; init; }

    /// <summary>True when the file gave the HMAC key as HMAC_KEY_BASE64.</summary>
    public bool HmacKeyIsBase64 { get; init; }

    /// <summary>Seconds of a grant whose client names no time.</summary>
    public int FwAccessTimeout { get; init; } = DefaultFwAccessTimeout;

    /// <summary>The most seconds a client may name.</summary>
    public int MaxFwTimeout { get; init; } = DefaultMaxFwTimeout;

    /// <summary>The user name packets must carry, compared byte by byte; null = any.</summary>
    public string? RequireUsername { get; init; }

    /// <summary>True when packets must name the address to open for.</summary>
    public bool RequireSourceAddress { get; init; }

    /// <summary>The last moment at which the stanza is valid; null = for ever.</summary>
    public DateTimeOffset? AccessExpire { get; init; }

    /// <summary>How command messages are run; null = they are not.</summary>
    public CommandRules? Commands { get; init; }

    /// <summary>Commands in place of the firewall; null = none.</summary>
    public CommandCycle? Cycle { get; init; }

    /// <summary>What is forwarded, and how.</summary>
    public StanzaNat Nat { get; init; } = StanzaNat.None;

    /// <summary>How GPG packets are taken; null = they are not. Owned by the stanza.</summary>
    public GpgRules? Gpg { get; init; }

    /// <summary>ACCESS_HOURS; null = always.</summary>
    public AccessSchedule? Schedule { get; init; }

    /// <summary>NOTIFY_CMD: a program and its arguments, with variables as in <see cref="CommandCycle"/>; null = none.</summary>
    public IReadOnlyList<string>? NotifyCommand { get; init; }

    /// <summary>The second factor; null = none. Owned by the stanza.</summary>
    public TotpRules? Totp { get; init; }

    /// <summary>GRANT_PREFIX.</summary>
    public GrantPrefix Prefix { get; init; } = GrantPrefix.Host;

    /// <summary>
    /// ALLOW_NO_PORTS: a request that names no ports gets <see cref="PortsWithoutRequest"/>. <see cref="OpenPorts"/> then is set.
    /// </summary>
    public bool AllowsNoPorts { get; init; }

    /// <summary>
    /// What a request that names no ports gets: OPEN_PORTS without RESTRICT_PORTS, in ranges that do not overlap; empty where it gets nothing.
    /// </summary>
    public IReadOnlyList<PortRange> PortsWithoutRequest => field ??= AllowsNoPorts && OpenPorts is not null ? OpenPorts.Without(RestrictPorts) : [];

    /// <summary>What the file sets, by variable, secrets left out; empty where the stanza comes from elsewhere.</summary>
    public IReadOnlyDictionary<string, WrittenSetting> Written { get; init; } = new Dictionary<string, WrittenSetting>();

    /// <summary>
    /// True when every requested port may be opened (server.md 4.3, 6 step 25): none is restricted, and each is in
    /// OPEN_PORTS where that is set. A request for nothing is not allowed.
    /// </summary>
    public bool AllowsPorts(IReadOnlyList<PortSpec> requested)
    {
        ArgumentNullException.ThrowIfNull(requested);
        foreach (PortSpec port in requested)
        {
            if (RestrictPorts?.Contains(port) == true || OpenPorts?.Contains(port) == false)
            {
                return false;
            }
        }

        return requested.Count > 0;
    }

    /// <summary>
    /// Seconds a grant lasts (server.md 6 step 17): what the client asks for, at most MAX_FW_TIMEOUT; without that,
    /// FW_ACCESS_TIMEOUT, which MAX_FW_TIMEOUT does not cap (server.md 13, Q6).
    /// </summary>
    /// <param name="clientTimeout">Seconds the packet asks for; 0 = it does not.</param>
    public int GrantSeconds(int clientTimeout) => clientTimeout > 0 ? Math.Min(clientTimeout, MaxFwTimeout) : FwAccessTimeout;

    /// <summary>True when the stanza no longer counts (server.md 6 step 9).</summary>
    public bool IsExpired(DateTimeOffset now) => AccessExpire is DateTimeOffset end && now > end;

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        Keys.Dispose();
        Gpg?.Dispose();
        Totp?.Dispose();
    }
}
