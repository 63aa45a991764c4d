using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Fwknop.Daemon.Enforcement;

/// <summary>A TCP connection that this machine has, as the kernel lists it in /proc/net/tcp and tcp6.</summary>
internal sealed record OpenConnection(IPEndPoint Local, IPEndPoint Remote)
{
    private const string Established = "01";

    /// <summary>The states in which data may still come or go, or soon: established, half open, half closed.</summary>
    private static readonly string[] Carrying = [Established, "03", "04", "05", "08"];

    // Of the calling thread: /proc/self is the network namespace of the first one.
    private static readonly string[] Lists = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];

    /// <summary>All established ones; a list that cannot be read (no IPv6) has none.</summary>
    public static IReadOnlyList<OpenConnection> ReadAll() => ReadAll([Established]);

    /// <summary>All that carry data, or will once they are established, or until both sides have closed.</summary>
    public static IReadOnlyList<OpenConnection> ReadCarrying() => ReadAll(Carrying);

    /// <summary>Columns: number, local address, remote address, state, … (proc_net_tcp of the kernel's documentation).</summary>
    public static IEnumerable<OpenConnection> Parse(string list) => Parse(list, [Established]);

    private static List<OpenConnection> ReadAll(string[] states)
    {
        List<OpenConnection> connections = [];
        foreach (string list in Lists.Where(File.Exists))
        {
            connections.AddRange(Parse(File.ReadAllText(list), states));
        }

        return connections;
    }

    private static IEnumerable<OpenConnection> Parse(string list, string[] states)
    {
        foreach (string line in list.Split('\n'))
        {
            string[] columns = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length == 5
                && states.Contains(columns[3])
                && TryParseEndPoint(columns[1], out IPEndPoint? local)
                && TryParseEndPoint(columns[2], out IPEndPoint? remote)
                && local.AddressFamily == remote.AddressFamily)
            {
                yield return new OpenConnection(local, remote);
            }
        }
    }

    /// <summary><c>0100007F:0016</c>: the address as 32-bit words in host byte order, and the port.</summary>
    private static bool TryParseEndPoint(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        string[] parts = text.Split(':');
        if (parts is not [{ Length: 8 or 32 } words, { Length: 4 }]
            || !ushort.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        byte[] bytes = new byte[words.Length / 2];
        for (int i = 0; i < bytes.Length; i += 4)
        {
            if (!uint.TryParse(
                words.AsSpan(i * 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint word))
            {
                return false;
            }

            BitConverter.TryWriteBytes(bytes.AsSpan(i), word);
        }

        IPAddress address = new(bytes);
        endPoint = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
        return true;
    }
}
