using System.Net.Sockets;
using System.Text;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Native.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Daemon.Control;

/// <summary>
/// The socket by which root asks the running daemon. What comes in is read beside the daemon's thread, bounded in size, time and number; that thread only
/// gets whole requests, as events, and its answer is written beside it, too.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const string Extension = ".sock";
    private const int LongestPath = 107; // sun_path, and the zero byte
    private const int Backlog = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Our choice: more than one administrator and a few scripts need. Whoever comes then waits.</summary>
    private const int MaxConnections = 8;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly Socket _socket;
    private readonly DaemonEvents _events;
    private readonly DaemonLog _log;
    private readonly SemaphoreSlim _free = new(MaxConnections);
    private readonly CancellationTokenSource _stopping = new();

    private ControlSocket(string path, Socket socket, DaemonEvents events, DaemonLog log) =>
        (_path, _socket, _events, _log) = (path, socket, events, log);

    /// <summary>Where the socket of the daemon with this PID file is: whoever holds the lock of the one has the other.</summary>
    public static string PathBeside(string pidFile) => Path.ChangeExtension(pidFile, Extension);

    /// <summary>Makes the socket. What an earlier daemon has left there is replaced, nothing else.</summary>
    /// <param name="pidFile">The PID file, whose lock this process holds.</param>
    /// <param name="events">Where requests go.</param>
    /// <param name="log">Told when it cannot be made, which is no reason not to open doors.</param>
    /// <returns>Null then.</returns>
    public static ControlSocket? TryOpen(string pidFile, DaemonEvents events, DaemonLog log)
    {
        string path = PathBeside(pidFile);
        if (Bind(path, out string problem) is not { } socket)
        {
            log.Warning($"[*] No control socket {path}: {problem}. --list-grants and --revoke will not work");
            return null;
        }

        ControlSocket control = new(path, socket, events, log);
        new Thread(control.Accept) { IsBackground = true, Name = "control socket" }.Start();
        return control;
    }

    /// <summary>Takes the socket away. Connections end by themselves.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        TryDelete(_path);
        _socket.Dispose();
    }

    private static Socket? Bind(string path, out string problem)
    {
        problem = "";
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            problem = $"its path is longer than {LongestPath} bytes";
            return null;
        }

        if (FileOwnership.TryGetItself(path, out FileOwnership present, out _) && !(present.IsSocket && TryDelete(path)))
        {
            problem = "something else is there, which fwknopd leaves alone";
            return null;
        }

        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The mode that the file is made with (unix(7)): at no moment others may connect.
            using (SafeFileHandle file = new(socket.Handle, ownsHandle: false))
            {
                File.SetUnixFileMode(file, OwnerOnly);
            }

            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
            socket.Dispose();
            return null;
        }
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Accept()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _free.Wait(_stopping.Token);
                Start(_socket.Accept());
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Of one connection, or a lack of descriptors: trying again at once would be a loop without end.
                _free.Release();
                _stopping.Token.WaitHandle.WaitOne(PauseAfterError);
            }
        }
    }

    private void Start(Socket connected) => new Thread(() =>
    {
        using (connected)
        {
            new ControlConnection(connected, _events, _log, _stopping.Token).Serve();
        }

        _free.Release();
    })
    { IsBackground = true, Name = "control connection" }.Start();
}
