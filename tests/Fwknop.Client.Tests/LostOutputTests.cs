using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The built program with outputs and inputs that are closed, full or gone.</summary>
public sealed class LostOutputTests
{
    private const string Knock = "--no-rc-file --no-save-args -D 127.0.0.1 -s -A tcp/22 --key-rijndael k";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("-v >/dev/full")]
    [InlineData("-v >&-")]
    [InlineData("-v 0<&- 1>&- 2>&-")]
    public void A_message_that_cannot_be_written_does_not_stop_a_knock(string rest)
    {
        using UdpClient server = new(new IPEndPoint(IPAddress.Loopback, 0));
        server.Client.ReceiveTimeout = (int)Patience.TotalMilliseconds;

        Assert.Equal(0, Run($"{Knock} -p {((IPEndPoint)server.Client.LocalEndPoint!).Port} {rest}").ExitCode);

        IPEndPoint? from = null;
        Assert.NotEmpty(server.Receive(ref from));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("--key-gen")]
    [InlineData("-T " + Knock)]
    public void A_result_that_cannot_be_written_is_an_error(string arguments)
    {
        Assert.Equal(1, Run($"{arguments} >/dev/full").ExitCode);
        Assert.Equal(1, Run($"{arguments} >&-").ExitCode);
        Assert.Equal(1, Run($"{arguments} 0<&- 1>&- 2>&-").ExitCode);
    }

    [Fact]
    public void Keys_of_a_closed_standard_input_are_an_error()
    {
        ProcessRun run = Run("-T --no-rc-file --no-save-args -D h -s -A tcp/22 --stdin 0<&-");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Bad file descriptor", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_to_connect_when_its_reader_has_gone()
    {
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(1);
        int port = ((IPEndPoint)server.LocalEndPoint!).Port;

        // The server says nothing; true does not read.
        ProcessRun run = Run($"{Knock} --connect 127.0.0.1:{port} </dev/null | true; exit ${{PIPESTATUS[0]}}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ended: standard output: Broken pipe.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reader_sees_the_end_of_a_connection_that_still_sends()
    {
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(1);
        int port = ((IPEndPoint)server.LocalEndPoint!).Port;
        using TemporaryFolder folder = new();
        string input = folder.FilePath("input");
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", input));

        // What the client sends begins only when its reader has seen the end of its output.
        string program = ClientFile.Location;
        using RunningProcess client = RunningProcess.Start(new ProcessCommand("bash", "-c", $$"""
            exec 3<>{{input}}
            {{program}} {{Knock}} --connect 127.0.0.1:{{port}} <{{input}} 3<&- | { cat; echo end; echo more >&3; exec 3>&-; } 3>{{input}} &
            exec 3<&-
            wait
            """));
        using Socket connection = server.Accept();
        connection.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        connection.Send("bye\n"u8);
        connection.Shutdown(SocketShutdown.Send);
        client.WaitForLine("^bye$", Patience);
        client.WaitForLine("^end$", Patience);
        byte[] received = new byte[5];
        Assert.Equal(5, connection.Receive(received));
        Assert.Equal("more\n"u8, received);
        client.WaitForExit(Patience);
    }

    private static ProcessRun Run(string arguments)
    {
        using RunningProcess run = Start(arguments);
        return new ProcessRun(run.WaitForExit(Patience), run.Output, run.Errors);
    }

    private static RunningProcess Start(string arguments) =>
        RunningProcess.Start(new ProcessCommand("bash", "-c", $"{ClientFile.Location} {arguments}"));
}
