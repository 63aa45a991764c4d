namespace Fwknop.TestSupport;

/// <summary>tcpdump in a namespace: everything that crosses an interface while it runs.</summary>
public sealed class PacketCapture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunningProcess _process;

    private PacketCapture(NetworkNamespace space, string device)
    {
        File = Path.Combine(_folder.Path, "capture.pcap");
        _process = space.Start(
            "tcpdump", "-i", device, "-n", "-U", "--immediate-mode", "-B", "16384", "-s", "2048", "-Z", "root", "-w", File);
        _process.WaitForLine("listening on");
    }

    /// <summary>The pcap file; whole after <see cref="Stop"/>.</summary>
    public string File { get; }

    /// <summary>Returns when the capture has begun.</summary>
    public static PacketCapture Start(NetworkNamespace space, string device = TestNetwork.Interface) => new(space, device);

    /// <summary>Ends the capture with all packets written. Throws when the kernel had to drop some.</summary>
    public void Stop()
    {
        if (!_process.Send(Signal.Interrupt))
        {
            throw new InvalidOperationException($"The capture had ended before: {_process.Describe()}");
        }

        _process.WaitForExit();
        _process.WaitForLine("^0 packets dropped by kernel");
    }

    /// <summary>How many captured packets match a tcpdump expression.</summary>
    public int Count(string expression) => Lines(expression).Count;

    /// <summary>One line for each captured packet that matches.</summary>
    public IReadOnlyList<string> Lines(string expression) =>
        ProcessRun.RunChecked(new ProcessCommand("tcpdump", "-r", File, "-n", "-Z", "root", expression))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }
}
