using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Terminal;

/// <summary>
/// The terminal the program was started from, whatever standard input and output are. From <see cref="TryOpenHidden"/> to
/// <see cref="Dispose"/> it does not show what is typed and hands over every key, Ctrl-C too. It is restored on dispose and
/// when a signal ends the program; it is hidden again when a program that was stopped goes on.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ControllingTerminal : IDisposable
{
    private const int OpenReadWrite = 0x2;
    private const int OpenNoControllingTerminal = 0x100;

    private static readonly PosixSignal[] EndingSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Descriptor _handle;
    private readonly TerminalAttributes _before;
    private readonly Lock _changes = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _isOver;

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

        // Without our cancelling, the runtime would restore the terminal as it was when the program started.
        terminal._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, context =>
        {
            context.Cancel = true;
            _ = terminal.TryHide();
        }));
        if (!terminal.TryHide())
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
        // While the handlers are still there: a signal in between would leave the terminal hidden.
        Restore();
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        lock (_changes)
        {
            _handle.Dispose();
        }
    }

    private bool TryHide()
    {
        lock (_changes)
        {
            TerminalAttributes hidden = _before;
            hidden.LocalFlags &= ~(TerminalAttributes.Echo | TerminalAttributes.LineMode | TerminalAttributes.Signals);
            hidden.Characters[TerminalAttributes.MinimumBytes] = 1;
            hidden.Characters[TerminalAttributes.Time] = 0;
            return !_isOver && TrySet(hidden);
        }
    }

    private void Restore()
    {
        lock (_changes)
        {
            _isOver = true;
            _ = !_handle.IsClosed && TrySet(_before);
        }
    }

    private unsafe bool TrySet(TerminalAttributes attributes) =>
        LibcFunctions.tcsetattr(_handle, TerminalAttributes.SetAndFlush, &attributes) == 0;
}
