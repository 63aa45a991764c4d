using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fwknop.Native.Terminal;

/// <summary>Reads an inherited file descriptor byte by byte, so that nothing is taken from it that was not asked for.</summary>
public static class DescriptorReader
{
    /// <summary>Reads one byte.</summary>
    /// <param name="descriptor">The descriptor; it stays open.</param>
    /// <returns>The byte, or -1 at the end.</returns>
    /// <exception cref="Win32Exception">The descriptor cannot be read; the message is that of the system.</exception>
    public static unsafe int ReadByte(int descriptor)
    {
        byte value;
        while (true)
        {
            nint count = TerminalCalls.Read(descriptor, &value, 1);
            if (count >= 0)
            {
                return count == 0 ? -1 : value;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != TerminalCalls.Interrupted)
            {
                throw new Win32Exception(error, Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }
}
