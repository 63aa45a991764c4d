using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Sockets by which the kernel reports changes (netlink(7)): that there was one is what counts.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class NetlinkReports
{
    private const int AddressFamilyNetlink = 16;
    private const int RawNonBlockingCloseOnExec = 3 | 0x800 | 0x80000;

    /// <summary>Opens one; null with an error when the system does not allow it.</summary>
    /// <param name="protocol">NETLINK_ROUTE, NETLINK_NETFILTER, …</param>
    /// <param name="groups">A bit for each group to hear.</param>
    /// <param name="error">Why not, or none.</param>
    public static Descriptor? TryOpen(int protocol, uint groups, out Errno error)
    {
        int fd = LibcFunctions.socket(AddressFamilyNetlink, RawNonBlockingCloseOnExec, protocol);
        if (fd < 0)
        {
            error = Errno.Last;
            return null;
        }

        // struct sockaddr_nl: family 2, padding 2, port 4, groups 4.
        Descriptor reports = new(fd, owned: true);
        uint* address = stackalloc uint[3] { 0, 0, groups };
        *(ushort*)address = AddressFamilyNetlink;
        if (LibcFunctions.bind(reports, (byte*)address, 12) != 0)
        {
            error = Errno.Last;
            reports.Dispose();
            return null;
        }

        error = Errno.None;
        return reports;
    }

    /// <summary>Takes all reports that are waiting.</summary>
    public static void Discard(Descriptor reports, int length)
    {
        byte* buffer = stackalloc byte[length];
        while (LibcFunctions.read(reports, buffer, (nuint)length) >= 0 || Errno.Last.Code is Errno.Interrupted or Errno.NoBuffers)
        {
            // ENOBUFS: more reports than the socket holds; the rest follows.
        }
    }
}
