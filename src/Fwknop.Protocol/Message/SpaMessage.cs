using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Fwknop.Protocol;

/// <summary>
/// What a client asks for, as fields (protocol.md 3). Values are checked by <see cref="SpaPacket.TrySeal"/>, not here: a message
/// that came out of <see cref="SpaPacket.TryOpen"/> is valid.
/// </summary>
public sealed record SpaMessage
{
    /// <summary>The version this library writes (protocol.md 3.8).</summary>
    public const string CurrentVersion = "3.0.0";

    /// <summary>16 decimal digits, drawn from the operating system's random source unless set (protocol.md 3.2).</summary>
    public FieldText RandomValue { get; init; } = DrawRandomValue();

    /// <summary>Who asks; 1 to 48 bytes (protocol.md 3.3).</summary>
    public required FieldText Username { get; init; }

    /// <summary>The client's clock in seconds since 1970 UTC, 0 to 2^31-1 (protocol.md 3.4).</summary>
    public required long Timestamp { get; init; }

    /// <summary>Protocol version, 1 to 8 printable bytes; never compared (protocol.md 3.8).</summary>
    public FieldText Version { get; init; } = CurrentVersion;

    /// <summary>
    /// What is asked for. On sealing, <see cref="NatAccess"/> and <see cref="ClientTimeout"/> decide the type that goes on the wire
    /// (<see cref="MessageRules.ForcedType"/>).
    /// </summary>
    public required MessageType Type { get; init; }

    /// <summary>
    /// <c>IP,proto/port[,…]</c>, <c>IP,none/0</c> for whatever ports the server opens, or <c>IP,command</c> for a command; 1 to 192 bytes (protocol.md 3.6).
    /// </summary>
    public required FieldText Message { get; init; }

    /// <summary><c>host,port</c> of the forwarding types, else null. Validate the host again before use (protocol.md 3.6).</summary>
    public FieldText? NatAccess { get; init; }

    /// <summary>Free text without defined content, or null (protocol.md 3.7).</summary>
    public FieldText? ServerAuth { get; init; }

    /// <summary>How long the client wants access, in seconds up to 65536; 0 means the server's own time (protocol.md 3.7).</summary>
    public int ClientTimeout { get; init; }

    /// <summary>
    /// The address to allow; <see cref="IPAddress.Any"/> stands for the source address of the packet.
    /// Null when <see cref="Message"/> is malformed.
    /// </summary>
    public IPAddress? AllowAddress => AccessText.TrySplit(Message.Span, out IPAddress address, out _, out _) ? address : null;

    /// <summary>The requested ports in order; empty for a command, a malformed <see cref="Message"/>, and where the server is to decide.</summary>
    public IReadOnlyList<PortSpec> Ports
    {
        get
        {
            List<PortSpec> ports = [];
            bool valid = Type != MessageType.Command
                && AccessText.TrySplit(Message.Span, out _, out ReadOnlySpan<byte> request, out _)
                && AccessText.TryParsePorts(request, ports);
            return valid ? ports : [];
        }
    }

    /// <summary>The command of a command message, else null.</summary>
    public FieldText? Command =>
        Type == MessageType.Command && AccessText.TrySplit(Message.Span, out _, out ReadOnlySpan<byte> request, out _)
            ? (FieldText?)new FieldText(request)
            : null;

    /// <summary>Asks for ports to be opened.</summary>
    /// <param name="username">Who asks (protocol.md 3.3).</param>
    /// <param name="now">The client's clock.</param>
    /// <param name="allow">The address to allow; <see cref="IPAddress.Any"/> or null for the packet's own source.</param>
    /// <param name="ports">At least one.</param>
    /// <exception cref="ArgumentException">No port is given.</exception>
    public static SpaMessage Access(FieldText username, DateTimeOffset now, IPAddress? allow, params ReadOnlySpan<PortSpec> ports)
    {
        if (ports.IsEmpty)
        {
            throw new ArgumentException("An access message names at least one port.", nameof(ports));
        }

        StringBuilder text = new((allow ?? IPAddress.Any).ToString());
        foreach (PortSpec port in ports)
        {
            text.Append(',').Append(port);
        }

        return Access(username, now, text.ToString());
    }

    /// <summary>
    /// Asks for the ports that the server chooses (fwknop for .NET with ALLOW_NO_PORTS; other servers refuse it).
    /// </summary>
    /// <param name="username">Who asks (protocol.md 3.3).</param>
    /// <param name="now">The client's clock.</param>
    /// <param name="allow">The address to allow; <see cref="IPAddress.Any"/> or null for the packet's own source.</param>
    public static SpaMessage AccessWithoutPorts(FieldText username, DateTimeOffset now, IPAddress? allow) =>
        Access(username, now, $"{allow ?? IPAddress.Any},{Encoding.ASCII.GetString(AccessText.NoPorts)}");

    private static SpaMessage Access(FieldText username, DateTimeOffset now, string text) => new()
    {
        Username = username,
        Timestamp = now.ToUnixTimeSeconds(),
        Type = MessageType.Access,
        Message = text,
    };

    private static FieldText DrawRandomValue()
    {
        Span<byte> digits = stackalloc byte[Limits.RandomValue];
        RandomNumberGenerator.GetItems("0123456789"u8, digits);
        return new FieldText(digits);
    }
}
