using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Signals to other processes.</summary>
[SupportedOSPlatform("linux")]
public static class ProcessSignal
{
    /// <summary>Sends a signal by its number; false when the process is gone or belongs to somebody else.</summary>
    public static bool Send(int process, int signal) => LibcFunctions.kill(process, signal) == 0;
}
