using System.Globalization;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>What a signal does to this process before the runtime takes it over.</summary>
[SupportedOSPlatform("linux")]
public static class SignalDisposition
{
    /// <summary>
    /// Gives an ignored signal its default action, so that a handler can be set. A shell starts background commands with SIGINT ignored,
    /// and the runtime leaves ignored signals alone: the program could then not be stopped by it. A signal that is not ignored is left
    /// as it is: the runtime handles SIGINT from the start, and without its handler the signal would end the process at once.
    /// </summary>
    /// <exception cref="IOException">There is no such signal.</exception>
    public static void StopIgnoring(int signal)
    {
        const nint Default = 0;
        const nint Failed = -1;
        if (IsIgnored(signal) && LibcFunctions.signal(signal, Default) == Failed)
        {
            throw new IOException("signal: " + Errno.Last.Text);
        }
    }

    // A mask in hexadecimal, signal 1 in the lowest bit.
    private static bool IsIgnored(int signal)
    {
        const string Label = "SigIgn:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Label, StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line.AsSpan(Label.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (ignored >> (signal - 1) & 1) != 0;
    }
}
