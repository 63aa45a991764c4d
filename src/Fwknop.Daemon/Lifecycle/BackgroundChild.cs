using System.Globalization;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The process that becomes the daemon in the background, as seen by itself (server.md 2.3): a session of its own, no terminal, and, once it
/// is ready, nothing of what it was started with. Standard input ends with its starter, standard output tells the starter that it is ready.
/// </summary>
internal sealed class BackgroundChild
{
    /// <summary>Names the starter's process. It is believed only of a parent, so that one left over from elsewhere does nothing.</summary>
    public const string Variable = "FWKNOPD_STARTER";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private volatile bool _isReady;

    private BackgroundChild()
    {
    }

    /// <summary>The line that says it is ready.</summary>
    public static ReadOnlySpan<byte> ReadyLine => "ready\n"u8;

    /// <summary>Null when this process was not started to be the daemon.</summary>
    public static BackgroundChild? Find()
    {
        string? starter = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        if (starter != CurrentProcess.ParentId.ToString(CultureInfo.InvariantCulture))
        {
            return null;
        }

        CurrentProcess.TryStartSession();
        CurrentProcess.SetFileMask(Others);
        return new BackgroundChild();
    }

    /// <summary>Whoever ends the starter before the daemon is ready ends the daemon.</summary>
    public void WatchStarter(DaemonEvents events) => new Thread(() =>
    {
        WaitForEndOfInput();
        if (!_isReady)
        {
            events.Add(new DaemonEvent.StopAsked("The start of fwknopd was given up. Exiting..."));
        }
    })
    { IsBackground = true, Name = "starter watch" }.Start();

    /// <summary>Lets the starter end with status 0, and lets go of standard input, output and error.</summary>
    public void TellReady()
    {
        _isReady = true;
        using Descriptor output = Descriptor.Borrow(1);
        output.TryWriteAll(ReadyLine, out _);
        CurrentProcess.DetachStandardStreams();
    }

    private static void WaitForEndOfInput()
    {
        using Descriptor input = Descriptor.Borrow(0);
        Span<byte> nothing = stackalloc byte[16];
        while (input.TryRead(nothing, out int count, out _) && count > 0)
        {
        }
    }
}
