namespace Fwknop.Client;

/// <summary>The names of transports in options, rc files and dumps (client.md 4.2).</summary>
internal static class TransportNames
{
    private static readonly string[] Names = ["udp", "tcp", "http", "udpraw", "tcpraw", "icmp"];

    public static IReadOnlyList<string> All => Names;

    public static bool TryParse(string name, out SpaTransport transport)
    {
        int number = Array.FindIndex(Names, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
        transport = number < 0 ? default : (SpaTransport)number;
        return number >= 0;
    }

    public static string GetName(SpaTransport transport) => Names[(int)transport];
}
