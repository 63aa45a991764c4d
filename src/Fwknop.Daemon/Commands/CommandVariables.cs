using System.Globalization;
using System.Net;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// What a command of the configuration may name of the packet that caused it (server.md 8.2). All of it is typed, so that no value can hold more than
/// digits, letters of a hexadecimal address, dots and colons.
/// </summary>
/// <param name="Allow">$IP and $SRC: the address that is granted.</param>
/// <param name="PacketSource">$PKT_SRC: where the packet came from.</param>
/// <param name="PacketDestination">$DST: where it was sent to.</param>
/// <param name="Port">$PORT: the first port that was asked for or, where none was, that is opened.</param>
/// <param name="Protocol">$PROTO: its IP protocol number, 6 or 17.</param>
/// <param name="End">$TIMEOUT: seconds since 1970, the time at which it is granted and the duration.</param>
/// <param name="Seconds">$CLIENT_TIMEOUT: the duration.</param>
internal sealed record CommandVariables(
    IPAddress Allow, IPAddress PacketSource, IPAddress PacketDestination, int Port, int Protocol, long End, int Seconds)
{
    // None is the beginning of another, so their order has no meaning.
    private static readonly (string Name, Func<CommandVariables, string> Value)[] Table =
    [
        ("IP", variables => Text(variables.Allow)),
        ("SRC", variables => Text(variables.Allow)),
        ("PKT_SRC", variables => Text(variables.PacketSource)),
        ("DST", variables => Text(variables.PacketDestination)),
        ("PORT", variables => variables.Port.ToString(CultureInfo.InvariantCulture)),
        ("PROTO", variables => variables.Protocol.ToString(CultureInfo.InvariantCulture)),
        ("TIMEOUT", variables => variables.End.ToString(CultureInfo.InvariantCulture)),
        ("CLIENT_TIMEOUT", variables => variables.Seconds.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>
    /// Puts the values into the words of a command. A variable counts by its beginning (<c>$IPx</c> is the address and <c>x</c>); of what is none, the
    /// <c>$</c> goes and the rest stays. A value never becomes more than a part of its word.
    /// </summary>
    public IReadOnlyList<string> Expand(IReadOnlyList<string> words) => [.. words.Select(Expand)];

    private string Expand(string word)
    {
        string[] parts = word.Split('$');
        return parts[0] + string.Concat(parts.Skip(1).Select(Replace));
    }

    private string Replace(string part)
    {
        foreach ((string name, Func<CommandVariables, string> value) in Table)
        {
            if (part.StartsWith(name, StringComparison.Ordinal))
            {
                return value(this) + part[name.Length..];
            }
        }

        return part;
    }

    /// <summary>Without a scope: <c>fe80::1%eth0</c> would be a word of the sender's choice.</summary>
    private static string Text(IPAddress address) => new IPAddress(address.GetAddressBytes()).ToString();
}
