using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>The NAT part of a message (client.md 11.2). The texts are the reference's.</summary>
internal static class NatRequest
{
    private const int MaxHost = 254;
    private const int MaxLabel = 63;

    /// <summary>Puts the NAT port in the place of the port of the access list, which then may name only one.</summary>
    /// <param name="access">The <c>-A</c> text.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="replaced">The new text.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? ReplacePort(string access, int port, out string replaced)
    {
        replaced = access;
        int slash = access.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return "[*] Expecting <proto>/<port> for -A arg.";
        }

        if (access.IndexOf('/', slash + 1) >= 0)
        {
            return "[*] NAT for multiple ports/protocols not yet supported.";
        }

        replaced = string.Create(CultureInfo.InvariantCulture, $"{access.AsSpan(0, slash)}/{port}");
        return null;
    }

    /// <summary>Makes <c>host,port</c>.</summary>
    /// <param name="target">The <c>-N</c> text; null for NAT to the server itself.</param>
    /// <param name="destination">The <c>-D</c> text, the host for NAT to the server itself.</param>
    /// <param name="access">The <c>-A</c> text as given; its first port is the default port.</param>
    /// <param name="field">The result.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? MakeField(string? target, string destination, string access, out string field)
    {
        field = string.Empty;
        string port = FirstPort(access);
        if (!IsPort(port))
        {
            return $"[*] Invalid port value '{port}' for -A arg.";
        }

        if (target is null)
        {
            field = $"{destination},{port}";
            return null;
        }

        // Behind the bracket of an IPv6 address, if there is one.
        int start = target.StartsWith('[') ? target.IndexOf(']', StringComparison.Ordinal) + 1 : 0;
        int separator = target.AsSpan(start).IndexOfAny(':', ',');
        string host = separator < 0 ? target : target[..(start + separator)];
        if (separator >= 0)
        {
            port = target[(start + separator + 1)..];
            if (!IsPort(port))
            {
                return "[*] Invalid port value in -N arg.";
            }
        }

        if (InBrackets(host) is { } address)
        {
            host = address;
        }
        else if (!IsHost(host))
        {
            return $"[*] Invalid NAT destination '{host}' for -N arg.";
        }

        field = $"{host},{port}";
        return null;
    }

    /// <summary>The address in <c>[2001:db8::7]</c>, or null. Only fwknopd for .NET forwards to it.</summary>
    private static string? InBrackets(string host) =>
        host.Length > 2 && host[0] == '[' && host[^1] == ']' && !host.Contains('%', StringComparison.Ordinal)
        && IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
        && !address.IsIPv4MappedToIPv6
            ? address.ToString()
            : null;

    private static string FirstPort(string access)
    {
        int slash = access.IndexOf('/', StringComparison.Ordinal);
        string port = slash < 0 ? string.Empty : access[(slash + 1)..];
        int end = port.AsSpan().IndexOfAny(',', '/');
        return end < 0 ? port : port[..end];
    }

    private static bool IsPort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        && port is >= IPEndPoint.MinPort + 1 and <= IPEndPoint.MaxPort;

    private static bool IsHost(string host)
    {
        if (NumericAddress.TryParseQuad(host, out _))
        {
            return true;
        }

        if (host.Length is 0 or > MaxHost)
        {
            return false;
        }

        foreach (Range range in host.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> label = host.AsSpan(range);
            if (label.Length is 0 or > MaxLabel || !char.IsAsciiLetterOrDigit(label[0]) || !IsLabel(label))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        foreach (char letter in label)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '-')
            {
                return false;
            }
        }

        return true;
    }
}
