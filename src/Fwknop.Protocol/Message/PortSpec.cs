using System.Globalization;

namespace Fwknop.Protocol;

/// <summary>One requested port, <c>tcp/22</c> (protocol.md 3.6). The zero value names no port and matches nothing.</summary>
public readonly record struct PortSpec
{
    private const int MaxDigits = 5;

    /// <summary>Makes a port.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="port">1 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public PortSpec(TransportProtocol protocol, int port)
    {
        if (protocol is not (TransportProtocol.Tcp or TransportProtocol.Udp))
        {
            throw new ArgumentOutOfRangeException(nameof(protocol));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        Protocol = protocol;
        Port = (ushort)port;
    }

    /// <summary>TCP or UDP.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>1 to 65535.</summary>
    public ushort Port { get; }

    /// <summary>A TCP port.</summary>
    public static PortSpec Tcp(int port) => new(TransportProtocol.Tcp, port);

    /// <summary>A UDP port.</summary>
    public static PortSpec Udp(int port) => new(TransportProtocol.Udp, port);

    /// <summary>
    /// Reads one item of an access text: <c>tcp/</c> or <c>udp/</c> in lower case, then 1 to 5 digits, value 1 to 65535;
    /// leading zeros allowed (protocol.md 3.6).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> item, out PortSpec port)
    {
        port = default;
        TransportProtocol protocol;
        if (item.StartsWith("tcp/"u8))
        {
            protocol = TransportProtocol.Tcp;
        }
        else if (item.StartsWith("udp/"u8))
        {
            protocol = TransportProtocol.Udp;
        }
        else
        {
            return false;
        }

        if (!TryParsePort(item[4..], out ushort number))
        {
            return false;
        }

        port = new PortSpec(protocol, number);
        return true;
    }

    /// <summary>Reads 1 to 5 digits with a value of 1 to 65535 (protocol.md 3.6).</summary>
    public static bool TryParsePort(ReadOnlySpan<byte> digits, out ushort port)
    {
        port = 0;
        if (digits.Length is < 1 or > MaxDigits)
        {
            return false;
        }

        int value = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        port = (ushort)value;
        return value is >= 1 and <= ushort.MaxValue;
    }

    /// <summary><c>tcp/22</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{NameOf(Protocol)}/{Port}");

    /// <summary><c>tcp</c> or <c>udp</c>, as requests, lists and rules have it.</summary>
    public static string NameOf(TransportProtocol protocol) => protocol == TransportProtocol.Udp ? "udp" : "tcp";
}
