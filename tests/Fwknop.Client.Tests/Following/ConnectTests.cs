using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client.Tests;

/// <summary><c>--connect</c>.</summary>
public sealed class ConnectTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Asks_for_the_port_waits_and_carries()
    {
        SteppingClock clock = new();
        (Socket near, Socket far) = Pair();
        using Socket other = far;
        FakeConnector connector = new(clock, time => time < TimeSpan.FromSeconds(4) ? ConnectOutcome.NoAnswer : ConnectOutcome.Open) { Open = () => near };
        using MemoryStream output = new();
        using ClientHarness client = new()
        {
            Clock = clock,
            Following = new FollowingSetup { Connector = connector, OpenInput = () => new MemoryStream("question"u8.ToArray()), OpenOutput = () => output },
        };
        Task<string> server = Task.Run(() =>
        {
            string question = Encoding.ASCII.GetString(ReadToEnd(other));
            other.Send("answer to "u8);
            other.Send(Encoding.ASCII.GetBytes(question));
            other.Shutdown(SocketShutdown.Send);
            return question;
        });

        ClientRunResult run = client.Run("--no-rc-file", "-s", "--key-rijndael", "k", "--key-hmac", "h", "--connect", "srv:2222");

        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal("question", await server.WaitAsync(Patience));
        Assert.Equal("answer to question", Encoding.ASCII.GetString(output.ToArray()));
        Assert.All(connector.Attempts, attempt => Assert.Equal(IPEndPoint.Parse("192.0.2.1:2222"), attempt.Target));
        Assert.Equal(2, client.Sender.Sent.Count);
        using PacketKeys keys = ClientHarness.KeysOf("k", "h");
        Assert.True(SpaPacket.TryOpen(client.Sender.Sent[0].Packet, keys, out AuthenticMessage? message, out _));
        Assert.Equal("0.0.0.0,tcp/2222", message!.Message.Message.ToString());
        Assert.False(File.Exists(client.Path(".fwknop.run")));
    }

    [Fact]
    public void A_port_that_stays_shut_is_explained_and_standard_output_stays_empty()
    {
        SteppingClock clock = new();
        using ClientHarness client = new()
        {
            Clock = clock,
            Following = new FollowingSetup { Connector = new FakeConnector(clock, _ => ConnectOutcome.NoAnswer) },
        };
        ClientRunResult run = client.Run("--no-rc-file", "-vv", "-s", "--key-rijndael", "k", "--key-hmac", "h", "--connect", "[2001:db8::1]:22");
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.Contains("[-] 2001:db8::1, tcp/22, is not open 30 s after the knock: no answer.", run.Error, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(30), clock.Elapsed);
    }

    [Fact]
    public void Help_goes_to_standard_error_too()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--connect", "h:22", "--no-such-option");
        Assert.Equal((1, ""), (run.Status, run.Output));
    }

    [Fact]
    public async Task Both_directions_at_once()
    {
        byte[] up = RandomNumberGenerator.GetBytes(8_000_000);
        byte[] down = RandomNumberGenerator.GetBytes(8_000_000);
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        using Socket server = far;
        Task sending = Task.Run(() =>
        {
            server.Send(down);
            server.Shutdown(SocketShutdown.Send);
        });
        Task<byte[]> receiving = Task.Run(() => ReadToEnd(server));
        using MemoryStream output = new();

        string? problem = new Relay(new MemoryStream(up), output, client).Run();

        Assert.Null(problem);
        Assert.Equal(down, output.ToArray());
        await sending.WaitAsync(Patience);
        Assert.Equal(up, await receiving.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_it_though_somebody_may_type_on()
    {
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        using BlockedStream input = new();
        using MemoryStream output = new();
        far.Send("bye"u8);
        far.Dispose();

        Task<string?> run = Task.Run(() => new Relay(input, output, client) { IsInputTyped = true }.Run());

        Assert.Null(await run.WaitAsync(Patience));
        Assert.Equal("bye", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task A_server_that_has_said_all_gets_the_rest_of_the_input()
    {
        byte[] up = RandomNumberGenerator.GetBytes(8_000_000);
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        using Socket server = far;
        server.Send("bye"u8);
        server.Shutdown(SocketShutdown.Send);
        using SignallingStream output = new();

        Task<string?> run = Task.Run(() => new Relay(new MemoryStream(up), output, client).Run());

        await output.Disposed.WaitAsync(Patience);
        Assert.Equal("bye", Encoding.ASCII.GetString(output.ToArray()));
        Assert.Equal(up, await Task.Run(() => ReadToEnd(server)).WaitAsync(Patience));
        Assert.Null(await run.WaitAsync(Patience));
    }

    [Fact]
    public async Task Input_that_is_not_taken_is_an_error()
    {
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        far.Send("bye"u8);
        far.Shutdown(SocketShutdown.Send);
        using SignallingStream output = new();

        Task<string?> run = Task.Run(() => new Relay(new MemoryStream(new byte[50_000_000]), output, client).Run());

        await output.Disposed.WaitAsync(Patience);
        far.Dispose();
        Assert.StartsWith("not all of standard input was sent: ", await run.WaitAsync(Patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_to_read_the_output_ends_it()
    {
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        using Socket server = far;
        TaskCompletionSource gone = new();
        Task<string?> run = Task.Run(() => new Relay(new MemoryStream(), new MemoryStream(), client) { WatchReader = _ => gone.Task }.Run());
        Assert.Empty(ReadToEnd(server));
        Assert.False(run.IsCompleted);

        gone.SetResult();

        Assert.Equal("standard output: Broken pipe", await run.WaitAsync(Patience));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("more", "standard output: Nobody reads.")]
    public async Task A_reader_that_goes_at_the_end_of_the_connection_misses_only_what_still_comes(string rest, string? expected)
    {
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        using Socket server = far;
        using UnreadStream output = new();
        using EndlessStream input = new();
        Relay relay = new(input, output, client) { WatchReader = _ => Task.CompletedTask, TimeToEnd = Patience };
        Task<string?> run = Task.Run(relay.Run);

        server.Send(Encoding.ASCII.GetBytes(rest));
        server.Shutdown(SocketShutdown.Send);

        Assert.Equal(expected, await run.WaitAsync(Patience));
    }

    [Fact]
    public void A_connection_that_breaks_is_an_error()
    {
        (Socket near, Socket far) = Pair();
        using Socket client = near;
        far.LingerState = new LingerOption(true, 0);
        far.Dispose();
        Assert.Equal("Connection reset by peer", new Relay(new MemoryStream(), new MemoryStream(), client).Run());
    }

    private static (Socket Near, Socket Far) Pair()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Socket near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        Socket far = listener.Accept();
        far.ReceiveTimeout = near.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        return (near, far);
    }

    private static byte[] ReadToEnd(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[65536];
        int count;
        while ((count = socket.Receive(buffer)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    /// <summary>Says nothing, and never ends before it is disposed of.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        private readonly ManualResetEventSlim _end = new();

        public override int Read(Span<byte> buffer)
        {
            _end.Wait(Patience);
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _end.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class UnreadStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Nobody reads.");
    }

    /// <summary>Tells when it is disposed of.</summary>
    private sealed class SignallingStream : MemoryStream
    {
        private readonly TaskCompletionSource _disposed = new();

        public Task Disposed => _disposed.Task;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            _disposed.TrySetResult();
        }
    }

    /// <summary>An input that never has anything, until it is disposed of.</summary>
    private sealed class BlockedStream : MemoryStream
    {
        private readonly ManualResetEventSlim _end = new();

        public override int Read(byte[] buffer, int offset, int count)
        {
            _end.Wait();
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _end.Set();
            base.Dispose(disposing);
        }
    }
}
