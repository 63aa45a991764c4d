using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Terminal;

/// <summary>
/// The terminal the program was started from, whatever standard input and output are. From <see cref="TryOpenHidden"/> to
/// <see cref="Dispose"/> it does not show what is typed and hands over every key, Ctrl-C too. It is restored on dispose and
/// when a signal ends the program.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ControllingTerminal : IDisposable
{
    private const int OpenReadWrite = 0x2;
    private const int OpenNoControllingTerminal = 0x100;

    private static readonly PosixSignal[] EndingSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Descriptor _handle;
    private readonly TerminalAttributes _before;
    private readonly List<PosixSignalRegistration> _signals = [];

    private ControllingTerminal(Descriptor handle, TerminalAttributes before)
    {
        _handle = handle;
        _before = before;
    }

    /// <summary>Whether there is one.</summary>
    public static bool Exists()
    {
        using Descriptor? opened = Descriptor.Open("/dev/tty", OpenReadWrite | OpenNoControllingTerminal, 0, out _);
        return opened is not null;
    }

    /// <summary>Opens the terminal and hides input.</summary>
    /// <returns>Null without a controlling terminal.</returns>
    public static unsafe ControllingTerminal? TryOpenHidden()
    {
        Descriptor? opened = Descriptor.Open("/dev/tty", OpenReadWrite | OpenNoControllingTerminal, 0, out _);
        if (opened is null)
        {
            return null;
        }

        TerminalAttributes before;
        if (LibcFunctions.tcgetattr(opened, &before) != 0)
        {
            opened.Dispose();
            return null;
        }

        ControllingTerminal terminal = new(opened, before);
        foreach (PosixSignal signal in EndingSignals)
        {
            // The handler does not cancel: after it the signal ends the program.
            terminal._signals.Add(PosixSignalRegistration.Create(signal, _ => terminal.Restore()));
        }

        TerminalAttributes hidden = before;
        hidden.LocalFlags &= ~(TerminalAttributes.Echo | TerminalAttributes.LineMode | TerminalAttributes.Signals);
        hidden.Characters[TerminalAttributes.MinimumBytes] = 1;
        hidden.Characters[TerminalAttributes.Time] = 0;
        if (LibcFunctions.tcsetattr(opened, TerminalAttributes.SetAndFlush, &hidden) != 0)
        {
            terminal.Dispose();
            return null;
        }

        return terminal;
    }

    /// <summary>Reads one byte as typed; Enter is LF.</summary>
    /// <returns>The byte, or -1 when the terminal is gone.</returns>
    public int ReadByte() => _handle.TryReadByte(out int value, out _) ? value : -1;

    /// <summary>Writes to the terminal.</summary>
    /// <returns>False when the terminal is gone.</returns>
    public bool Write(ReadOnlySpan<byte> text) => _handle.TryWriteAll(text, out _);

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
        _ = LibcFunctions.tcsetattr(_handle, TerminalAttributes.SetAndFlush, &before);
    }
}
