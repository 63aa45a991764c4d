namespace Fwknop.Native.Libc;

/// <summary>What a signal does to this process before the runtime takes it over.</summary>
public static class SignalDisposition
{
    /// <summary>
    /// Gives a signal its default action, so that a handler can be set. A shell starts background commands with SIGINT ignored, and the
    /// runtime leaves ignored signals alone: the program could then not be stopped by it.
    /// </summary>
    /// <exception cref="IOException">There is no such signal.</exception>
    public static void RestoreDefault(int signal)
    {
        const nint Default = 0;
        const nint Failed = -1;
        if (LibcFunctions.signal(signal, Default) == Failed)
        {
            throw new IOException("signal: " + Errno.Last.Text);
        }
    }
}
