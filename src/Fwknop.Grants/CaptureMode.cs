namespace Fwknop.Grants;

/// <summary>How packets reach the listener.</summary>
public enum CaptureMode : byte
{
    /// <summary>libpcap on an interface (server.md 5.1). Needs CAP_NET_RAW.</summary>
    Pcap = 0,

    /// <summary>A UDP socket (server.md 5.3). Needs no right, but for a port below 1024.</summary>
    Udp = 1,

    /// <summary>A file that libpcap reads (server.md 5.1). Needs no right.</summary>
    File = 2,

    /// <summary>A queue of the firewall (server.md 5.5). The daemon binds it and gives the verdicts.</summary>
    Queue = 3,

    /// <summary>One packet as text or a pcap file, on an inherited descriptor: explained, and not acted on. Needs no right.</summary>
    Explain = 4,
}
