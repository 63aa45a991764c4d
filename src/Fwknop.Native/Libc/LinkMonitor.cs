using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Tells when one network interface goes down, comes up or disappears. The kernel reports changes through a routing socket (rtnetlink(7)), which needs
/// no privilege; what the state is then is asked anew, so a lost report does no harm. The interface is followed by its index: it may be renamed, and one
/// of the same name that is made later is another one.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class LinkMonitor : IDisposable
{
    private const int RoutingProtocol = 0;
    private const uint LinkGroup = 1;
    private const int ReportLength = 8192;
    private const int NameLength = 16;
    private const int InterfaceRequestLength = 40; // struct ifreq
    private const nuint GetInterfaceName = 0x8910;
    private const nuint GetInterfaceFlags = 0x8913;
    private const ushort FlagUp = 1;

    private readonly Descriptor _query;
    private uint _index;

    private LinkMonitor(Descriptor reports, Descriptor query)
    {
        Descriptor = reports;
        _query = query;
    }

    /// <summary>Readable when some interface has changed.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Null with an error when the system allows no routing socket.</summary>
    public static LinkMonitor? TryOpen(out Errno error)
    {
        Descriptor? reports = NetlinkReports.TryOpen(RoutingProtocol, LinkGroup, out error);
        if (reports is null)
        {
            return null;
        }

        int query = LibcFunctions.socket(2, 2 | 0x80000, 0);
        if (query < 0)
        {
            error = Errno.Last;
            reports.Dispose();
            return null;
        }

        return new LinkMonitor(reports, new Descriptor(query, owned: true));
    }

    /// <summary>From now on, the interface that has this name now. False when there is none.</summary>
    public bool TryFollow(string interfaceName)
    {
        _index = IndexOf(interfaceName);
        return _index != 0;
    }

    /// <summary>Takes all reports that are waiting and returns the state of the interface that is followed.</summary>
    public LinkState Read()
    {
        NetlinkReports.Discard(Descriptor, ReportLength);
        return Query();
    }

    public void Dispose()
    {
        Descriptor.Dispose();
        _query.Dispose();
    }

    private static uint IndexOf(string interfaceName)
    {
        fixed (byte* name = Descriptor.ToCString(interfaceName))
        {
            return LibcFunctions.if_nametoindex(name);
        }
    }

    /// <summary>
    /// struct ifreq: name 16, then a union: index 4, or flags 2. Asked through a socket of the monitor's own: it stays in its network namespace.
    /// </summary>
    private LinkState Query()
    {
        byte* request = stackalloc byte[InterfaceRequestLength];
        new Span<byte>(request, InterfaceRequestLength).Clear();
        *(uint*)(request + NameLength) = _index;
        if (LibcFunctions.ioctl(_query, GetInterfaceName, request) != 0 || LibcFunctions.ioctl(_query, GetInterfaceFlags, request) != 0)
        {
            return LinkState.Absent;
        }

        ushort flags = *(ushort*)(request + NameLength);
        return (flags & FlagUp) != 0 ? LinkState.Up : LinkState.Down;
    }
}
