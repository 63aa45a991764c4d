using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.LibNftables;

[SupportedOSPlatform("linux")]
internal sealed class NftContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public NftContextHandle(nint context)
        : base(ownsHandle: true) => SetHandle(context);

    protected override bool ReleaseHandle()
    {
        NftablesApi.Free(handle);
        return true;
    }
}
