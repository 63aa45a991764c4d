using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Lifecycle;

namespace Fwknop.Daemon.Tests.Control;

/// <summary>The socket itself, with a thread of the test in the place of the daemon's.</summary>
public sealed class ControlSocketTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DaemonBench _bench = new();
    private readonly Thread _daemon;
    private volatile bool _isOver;

    public ControlSocketTests()
    {
        _daemon = new Thread(AnswerAll) { IsBackground = true };
        _daemon.Start();
    }

    public void Dispose()
    {
        _isOver = true;
        _daemon.Join();
        _bench.Dispose();
    }

    private string PidFile => _bench.Folder.FilePath("fwknopd.pid");

    private string SocketPath => _bench.Folder.FilePath("fwknopd.sock");

    [Fact]
    public void Is_for_its_owner_alone_and_gone_at_the_end()
    {
        using (Open())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
            AssertAnswers();
        }

        Assert.False(File.Exists(SocketPath));
        Assert.Contains("has no control socket", Client().Ask(new ControlRequest.List(), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Replaces_what_an_earlier_daemon_left()
    {
        using (Socket stale = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            stale.Bind(new UnixDomainSocketEndPoint(SocketPath));
            using ControlSocket control = Open();
            AssertAnswers();
        }

        Assert.Empty(_bench.Lines);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("link to a socket")]
    [InlineData("folder")]
    public void Leaves_alone_what_is_no_socket(string what)
    {
        string target = _bench.Folder.FilePath("target");
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        switch (what)
        {
            case "file":
                File.WriteAllText(SocketPath, "precious");
                break;
            case "folder":
                Directory.CreateDirectory(SocketPath);
                break;
            case "link to a socket":
                other.Bind(new UnixDomainSocketEndPoint(target));
                File.CreateSymbolicLink(SocketPath, target);
                break;
            default:
                File.CreateSymbolicLink(SocketPath, target);
                break;
        }

        Assert.Null(ControlSocket.TryOpen(PidFile, _bench.Events, _bench.Log));

        Assert.Equal(
            $"[*] No control socket {SocketPath}: something else is there, which fwknopd leaves alone. --list-grants and --revoke will not work\n",
            _bench.Lines);
        Assert.Equal(what == "link to a socket", File.Exists(target));
        Assert.Equal(what.StartsWith("link", StringComparison.Ordinal), new FileInfo(SocketPath).LinkTarget == target);
        Assert.True(what != "file" || File.ReadAllText(SocketPath) == "precious");
    }

    [Theory]
    [InlineData("/nowhere/at/all/fwknopd.pid")]
    [InlineData("/tmp/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/fwknopd.pid")]
    public void Does_without_one_where_it_cannot_be_made(string pidFile)
    {
        Assert.Null(ControlSocket.TryOpen(pidFile, _bench.Events, _bench.Log));
        Assert.StartsWith("[*] No control socket /", _bench.Lines, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> HostileClients() => new()
    {
        { "nothing", "" },
        { "half a line", """{"protocol":1,"request":"li""" },
        { "a line and more", "{\"protocol\":1,\"request\":\"list\"}\n{" },
        { "endless", new string('x', 100_000) },
        { "longest line and one", new string(' ', ControlConnection.LongestRequest + 1) + "\n" },
        { "zero bytes", new string('\0', 64) },
    };

    [Theory]
    [MemberData(nameof(HostileClients))]
    public void A_client_that_does_not_keep_to_the_protocol_gets_nothing_and_harms_nobody(string what, string text)
    {
        using ControlSocket control = Open();
        using (Socket hostile = Connect())
        {
            SendAsFarAsTaken(hostile, text);
            AssertAnswers();
            hostile.Shutdown(SocketShutdown.Send);
            Assert.Equal((what, ""), (what, Received(hostile)));
        }

        AssertAnswers();
    }

    [Fact]
    public void A_line_that_is_no_request_is_refused()
    {
        using ControlSocket control = Open();
        using Socket client = Connect();
        client.Send("GET / HTTP/1.0\n"u8);
        Assert.Equal("{\"protocol\":1,\"error\":\"the request is not one that is known\"}\n", Received(client));
    }

    /// <summary>All places taken by clients that say nothing, or do not read their answer: whoever comes waits until their time is over.</summary>
    [Fact]
    public void Clients_that_hang_are_given_up()
    {
        using ControlSocket control = Open();
        List<Socket> hanging = [];
        try
        {
            for (int i = 0; i < 12; i++)
            {
                hanging.Add(Connect());
            }

            AssertAnswers();
            Assert.All(hanging, client => Assert.Equal("", Received(client)));
        }
        finally
        {
            hanging.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public void Clients_that_go_away_without_their_answer_are_forgotten()
    {
        using ControlSocket control = Open();
        for (int i = 0; i < 40; i++)
        {
            using Socket client = Connect();
            client.Send(new ControlRequest.List().ToBytes());
        }

        AssertAnswers();
    }

    [Fact]
    public void A_socket_of_another_process_is_not_believed()
    {
        using ControlSocket control = Open();
        string? problem = new ControlClient(SocketPath, Environment.ProcessId + 1).Ask(new ControlRequest.List(), out _);
        Assert.Contains("belongs to another process", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json\n", "is of another version")]
    [InlineData("{\"protocol\":2}\n", "is of another version")]
    [InlineData("[]\n", "is of another version")]
    [InlineData("{\"protocol\":\"1\"}\n", "is of another version")]
    [InlineData("{\"protocol\":1", "did not answer")]
    [InlineData("", "did not answer")]
    public void A_daemon_that_says_something_else_is_told_apart(string answer, string problem)
    {
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        Thread other = new(() =>
        {
            using Socket connected = listener.Accept();
            connected.Receive(new byte[4096]);
            connected.Send(Encoding.UTF8.GetBytes(answer));
        });
        other.Start();

        Assert.Contains(problem, Client().Ask(new ControlRequest.List(), out _), StringComparison.Ordinal);
        other.Join();
    }

    private ControlSocket Open() => ControlSocket.TryOpen(PidFile, _bench.Events, _bench.Log) ?? throw new InvalidOperationException(_bench.Lines);

    private ControlClient Client() => new(SocketPath, Environment.ProcessId);

    private void AssertAnswers()
    {
        Assert.Null(Client().Ask(new ControlRequest.List(), out JsonDocument? answer));
        using (answer)
        {
            Assert.Equal(0, answer!.RootElement.GetProperty("grants").GetArrayLength());
        }
    }

    private Socket Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private static void SendAsFarAsTaken(Socket socket, string text)
    {
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(text));
        }
        catch (SocketException)
        {
            // It was cut off, as it should be.
        }
    }

    private static string Received(Socket socket)
    {
        byte[] buffer = new byte[4096];
        StringBuilder text = new();
        try
        {
            for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The same, with something that was not read.
        }

        return text.ToString();
    }

    private void AnswerAll()
    {
        while (!_isOver)
        {
            foreach (DaemonEvent.ControlAsked asked in _bench.Events.Take(TimeSpan.FromMilliseconds(50)).OfType<DaemonEvent.ControlAsked>())
            {
                asked.Answer(new ControlAnswer.Grants([]));
            }
        }
    }
}
