using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// What the service manager that started us is told (sd_notify(3)): a datagram to the socket NOTIFY_SOCKET. Without that variable nothing is sent.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;
    private readonly TimeSpan? _interval;

    private ServiceManager(Socket? socket, TimeSpan? interval) => (_socket, _interval, NextDue) = (socket, interval, interval is null ? null : TimeSpan.Zero);

    /// <summary>When <see cref="KeepAlive"/> has to say something, on the monotonic clock; null unless a watchdog waits for it.</summary>
    public TimeSpan? NextDue { get; private set; }

    /// <summary>Finds it.</summary>
    /// <param name="variable">Gives the environment's variables.</param>
    public static ServiceManager Find(Func<string, string?> variable)
    {
        string? path = variable("NOTIFY_SOCKET");
        if (path is null || path.Length < 2 || path[0] is not ('/' or '@'))
        {
            return new ServiceManager(null, null);
        }

        try
        {
            // A name that begins with @ is in no folder: its first byte is zero.
            Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
            return new ServiceManager(socket, Interval(variable("WATCHDOG_USEC"), variable("WATCHDOG_PID")));
        }
        catch (SocketException)
        {
            return new ServiceManager(null, null);
        }
    }

    /// <summary>It works, for the first time or again after a reading of the configuration.</summary>
    public void Ready() => Send("READY=1\nSTATUS=Waiting for packets");

    /// <summary>The configuration is read again.</summary>
    /// <param name="now">On the monotonic clock.</param>
    public void Reloading(TimeSpan now) => Send(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={(long)now.TotalMicroseconds}\nSTATUS=Reading the configuration"));

    public void Stopping() => Send("STOPPING=1\nSTATUS=Shutting down");

    /// <summary>Tells the watchdog, when one waits, that the daemon's loop goes round: twice in each of its periods.</summary>
    /// <param name="now">On the monotonic clock.</param>
    public void KeepAlive(TimeSpan now)
    {
        if (NextDue <= now)
        {
            Send("WATCHDOG=1");
            NextDue = now + _interval;
        }
    }

    public void Dispose() => _socket?.Dispose();

    private static TimeSpan? Interval(string? microseconds, string? process)
    {
        bool isForUs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isForUs && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long period) && period > 0
            ? TimeSpan.FromMicroseconds(period / 2.0)
            : null;
    }

    private void Send(string state)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException)
        {
            // The service manager is gone or busy; the door must go on working.
        }
    }
}
