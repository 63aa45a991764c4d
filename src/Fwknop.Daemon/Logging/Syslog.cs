using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>
/// The system's log (server.md 11): a datagram a line to the socket of syslogd, in the form that the C library uses. The
/// kernel keeps as few as ten for a syslogd that is behind, so a burst waits a moment for it, once; what one that is missing, restarting or stuck does not
/// take is lost, and counted in one line once it takes lines again.
/// </summary>
/// <param name="path">The socket, /dev/log.</param>
/// <param name="facility">0 to 23, as RFC 5424 numbers them.</param>
/// <param name="identity">SYSLOG_IDENTITY.</param>
/// <param name="format">How lines are written; null: as text.</param>
internal sealed class Syslog(string path, int facility, string identity, ILineFormat? format = null) : ILogSink
{
    private const int FacilityStep = 8;

    /// <summary>Our choice: long for a syslogd that works, short for whoever waits for a grant.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private Socket? _socket;
    private long _lost;

    public void Write(LogLevel level, string line, LogEvent? about = null)
    {
        if (_lost > 0 && TrySend(LogLevel.Warning, $"{_lost} log lines were lost", about: null))
        {
            _lost = 0;
        }

        if (!TrySend(level, line, about))
        {
            _lost++;
        }
    }

    public void Dispose() => Disconnect();

    /// <summary>One line as the socket takes it.</summary>
    internal static string Format(LogLevel level, int facility, DateTime time, string identity, int process, string line) => string.Create(
        CultureInfo.InvariantCulture,
        $"<{(facility * FacilityStep) + (int)level}>{time:MMM} {time.Day,2} {time:HH:mm:ss} {identity}[{process}]: {line}");

    /// <summary>A syslogd that was restarted has a new socket at the same place: one more try with a new connection.</summary>
    private bool TrySend(LogLevel level, string line, LogEvent? about)
    {
        string written = (format ?? TextLines.Instance).Format(level, line, about);
        byte[] datagram = Encoding.UTF8.GetBytes(Format(level, facility, DateTime.Now, identity, Environment.ProcessId, written));
        bool isOld = _socket is not null;
        bool isSent = TrySend(datagram, out bool isBusy);
        if (isBusy && _lost == 0)
        {
            isSent = WaitAndSend(datagram);
        }

        return isSent || (isOld && !isBusy && TrySend(datagram, out _));
    }

    private bool WaitAndSend(byte[] datagram)
    {
        long started = Stopwatch.GetTimestamp();
        bool isBusy = true;
        while (isBusy && Patience - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left && _socket!.Poll(left, SelectMode.SelectWrite))
        {
            if (TrySend(datagram, out isBusy))
            {
                return true;
            }
        }

        return false;
    }

    private bool TrySend(byte[] datagram, out bool isBusy)
    {
        isBusy = false;
        try
        {
            (_socket ??= Connect()).Send(datagram);
            return true;
        }
        catch (SocketException error)
        {
            isBusy = error.SocketErrorCode is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable;
            if (!isBusy)
            {
                Disconnect();
            }

            return false;
        }
    }

    private Socket Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
