using System.Net.Sockets;
using System.Text;

namespace Fwknop.TestSupport;

/// <summary>A syslogd of the test's own: a datagram socket that keeps what it gets.</summary>
public sealed class SyslogServer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly string _path;
    private Socket _socket;

    private SyslogServer(string path)
    {
        _path = path;
        _socket = Bind();
    }

    /// <summary>All datagrams so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public static SyslogServer Start(string path) => new(path);

    /// <summary>Ends and comes again with a new socket at the same place.</summary>
    public void Restart()
    {
        Stop();
        _socket = Bind();
    }

    public void Stop()
    {
        _socket.Dispose();
        if (_path[0] != '\0')
        {
            File.Delete(_path);
        }
    }

    /// <summary>The first datagram that ends with this text, from <paramref name="after"/> such on.</summary>
    public string WaitFor(string end, int after = 0)
    {
        string? found = null;
        Deadline.WaitUntil(
            () => (found = Lines.Where(line => line.EndsWith(end, StringComparison.Ordinal)).Skip(after).FirstOrDefault()) is not null,
            TimeSpan.FromSeconds(15),
            $"'{end}' in syslog; there is\n{string.Join('\n', Lines)}");
        return found!;
    }

    public void Dispose() => Stop();

    private Socket Bind()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_path));
        new Thread(() => Receive(socket)) { IsBackground = true, Name = "syslog server" }.Start();
        return socket;
    }

    private void Receive(Socket socket)
    {
        byte[] buffer = new byte[16384];
        try
        {
            while (true)
            {
                int length = socket.Receive(buffer);
                lock (_gate)
                {
                    _lines.Add(Encoding.UTF8.GetString(buffer, 0, length));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has been stopped.
        }
    }
}
