using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.LibPcap;

/// <summary>A pcap_t.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PcapHandle : SafeHandle
{
    internal PcapHandle(nint handle)
        : base(0, ownsHandle: true)
    {
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        PcapFunctions.pcap_close(handle);
        return true;
    }
}
