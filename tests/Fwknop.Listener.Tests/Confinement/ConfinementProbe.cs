using Fwknop.Listener.Capture;
using Fwknop.Listener.Confinement;

namespace Fwknop.Listener.Tests.Confinement;

/// <summary>
/// The test assembly run as a program of its own, so that it can be confined: <c>dotnet Fwknop.Listener.Tests.dll CAPABILITY</c> prints each violation
/// on a line and ends with their number; with <c>NetRaw capture</c> it then opens a capture on the loopback interface.
/// </summary>
internal static class ConfinementProbe
{
    public static int Main(string[] args)
    {
        // More threads than the runtime's own.
        using var done = new ManualResetEventSlim();
        var idle = new Thread(done.Wait);
        idle.Start();
        var violations = ConfinementCheck.FindViolations(Enum.Parse<Capabilities>(args[0]));
        done.Set();
        idle.Join();
        foreach (var violation in violations)
        {
            Console.WriteLine(violation);
        }

        if (args.Contains("capture"))
        {
            using var source = PcapSource.TryOpen(new() { Interface = "lo", SnapLength = 1500, Filter = "udp" }, waits: false, out var opening);
            Console.WriteLine(source is null ? opening.Error : "capturing");
        }

        return violations.Count;
    }
}
