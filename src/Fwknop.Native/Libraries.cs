namespace Fwknop.Native;

/// <summary>The shared libraries this project calls, by the names Debian's runtime packages install.</summary>
internal static class Libraries
{
    public const string Libc = "libc";
    public const string LibPcap = "libpcap.so.0.8";
    public const string LibNftables = "libnftables.so.1";
}
