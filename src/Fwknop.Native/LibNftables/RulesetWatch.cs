using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.LibNftables;

/// <summary>
/// Tells when somebody, this process too, has changed nftables rules in this network namespace: the kernel reports each transaction to a group of netlink
/// sockets (NFNLGRP_NFTABLES). What was changed is not looked at, so that reports that do not fit into the socket do no harm.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class RulesetWatch : IDisposable
{
    // linux/netfilter/nfnetlink.h: a bit for NFNLGRP_NFTABLES, which is 7.
    private const uint NftablesGroup = 1 << 6;
    private const int ReportLength = 8192;

    private readonly Descriptor _reports;
    private readonly WakeEvent _end = new();
    private readonly Action _changed;

    private RulesetWatch(Descriptor reports, Action changed) => (_reports, _changed) = (reports, changed);

    /// <summary>Begins to watch, in the network namespace of the calling thread.</summary>
    /// <param name="changed">Called after each burst of changes, on a thread of the watch.</param>
    /// <param name="watch">To be disposed.</param>
    /// <param name="error">Why not, or none.</param>
    public static bool TryStart(Action changed, [NotNullWhen(true)] out RulesetWatch? watch, out Errno error)
    {
        watch = null;
        Descriptor? reports = NetlinkReports.TryOpen(NetlinkApi.ProtocolNetfilter, NftablesGroup, out error);
        if (reports is null)
        {
            return false;
        }

        watch = new RulesetWatch(reports, changed);
        new Thread(watch.Watch) { IsBackground = true, Name = "nftables changes" }.Start();
        return true;
    }

    /// <summary>Ends the watch, without waiting for a change that is being told.</summary>
    public void Dispose() => _end.Set();

    private void Watch()
    {
        using WakeEvent end = _end;
        using Descriptor reports = _reports;
        using PollSet waiting = new(reports, end.Descriptor);
        while (true)
        {
            waiting.Wait(Timeout.InfiniteTimeSpan);
            if (waiting.IsReady(1))
            {
                return;
            }

            NetlinkReports.Discard(reports, ReportLength);
            _changed();
        }
    }
}
