using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.LibPcap;

/// <summary>The functions of libpcap, by their own names.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class PcapFunctions
{
    [LibraryImport(Libraries.LibPcap)]
    internal static partial byte* pcap_lib_version();

    [LibraryImport(Libraries.LibPcap)]
    internal static partial nint pcap_create(byte* source, byte* errorBuffer);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial nint pcap_fopen_offline(nint stream, byte* errorBuffer);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_set_snaplen(PcapHandle handle, int length);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_set_promisc(PcapHandle handle, int enabled);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_set_immediate_mode(PcapHandle handle, int enabled);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_set_timeout(PcapHandle handle, int milliseconds);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_activate(PcapHandle handle);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_datalink(PcapHandle handle);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_compile(PcapHandle handle, BpfProgram* program, byte* filter, int optimize, uint netmask);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_setfilter(PcapHandle handle, BpfProgram* program);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial void pcap_freecode(BpfProgram* program);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_setdirection(PcapHandle handle, int direction);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_setnonblock(PcapHandle handle, int enabled, byte* errorBuffer);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_get_selectable_fd(PcapHandle handle);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial int pcap_next_ex(PcapHandle handle, PacketHeader** header, byte** data);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial byte* pcap_geterr(PcapHandle handle);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial byte* pcap_statustostr(int status);

    [LibraryImport(Libraries.LibPcap)]
    internal static partial void pcap_close(nint handle);

    /// <summary>struct bpf_program.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct BpfProgram
    {
        internal uint Length;
        internal nint Instructions;
    }

    /// <summary>struct pcap_pkthdr; the time is a struct timeval.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PacketHeader
    {
        internal nint Seconds;
        internal nint Microseconds;
        internal uint CapturedLength;
        internal uint OriginalLength;
    }
}
