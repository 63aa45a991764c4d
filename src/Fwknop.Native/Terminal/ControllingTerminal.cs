using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Terminal;

/// <summary>
/// The terminal the program was started from, whatever standard input and output are. From <see cref="TryOpenHidden"/> to
/// <see cref="Dispose"/> it does not show what is typed and hands over every key, Ctrl-C too. It is restored on dispose and
/// when a signal ends the program.
/// </summary>
public sealed class ControllingTerminal : IDisposable
{
    private static readonly PosixSignal[] EndingSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly SafeFileHandle _handle;
    private readonly TerminalAttributes _before;
    private readonly List<PosixSignalRegistration> _signals = [];

    private ControllingTerminal(SafeFileHandle handle, TerminalAttributes before)
    {
        _handle = handle;
        _before = before;
    }

    /// <summary>Opens the terminal and hides input.</summary>
    /// <returns>Null without a controlling terminal.</returns>
    public static unsafe ControllingTerminal? TryOpenHidden()
    {
        int descriptor;
        fixed (byte* path = "/dev/tty\0"u8)
        {
            descriptor = TerminalCalls.Open(
                path, TerminalCalls.OpenReadWrite | TerminalCalls.OpenNoControllingTerminal | TerminalCalls.OpenCloseOnExec);
        }

        if (descriptor < 0)
        {
            return null;
        }

        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        TerminalAttributes before;
        if (TerminalCalls.GetAttributes(descriptor, &before) != 0)
        {
            handle.Dispose();
            return null;
        }

        ControllingTerminal terminal = new(handle, before);
        foreach (PosixSignal signal in EndingSignals)
        {
            // The handler does not cancel: after it the signal ends the program.
            terminal._signals.Add(PosixSignalRegistration.Create(signal, _ => terminal.Restore()));
        }

        TerminalAttributes hidden = before;
        hidden.LocalFlags &= ~(TerminalAttributes.Echo | TerminalAttributes.LineMode | TerminalAttributes.Signals);
        hidden.Characters[TerminalAttributes.MinimumBytes] = 1;
        hidden.Characters[TerminalAttributes.Time] = 0;
        if (TerminalCalls.SetAttributes(descriptor, TerminalAttributes.SetAndFlush, &hidden) != 0)
        {
            terminal.Dispose();
            return null;
        }

        return terminal;
    }

    /// <summary>Reads one byte as typed; Enter is LF.</summary>
    /// <returns>The byte, or -1 when the terminal is gone.</returns>
    public int ReadByte()
    {
        try
        {
            return DescriptorReader.ReadByte((int)_handle.DangerousGetHandle());
        }
        catch (Win32Exception)
        {
            return -1;
        }
    }

    /// <summary>Writes to the terminal.</summary>
    /// <returns>False when the terminal is gone.</returns>
    public unsafe bool Write(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            nint written;
            fixed (byte* start = text)
            {
                written = TerminalCalls.Write((int)_handle.DangerousGetHandle(), start, text.Length);
            }

            if (written >= 0)
            {
                text = text[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() != TerminalCalls.Interrupted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Shows input again and closes the terminal.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        Restore();
        _handle.Dispose();
    }

    private unsafe void Restore()
    {
        if (_handle.IsClosed)
        {
            return;
        }

        TerminalAttributes before = _before;
        _ = TerminalCalls.SetAttributes((int)_handle.DangerousGetHandle(), TerminalAttributes.SetAndFlush, &before);
    }
}
