using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

public sealed class DescriptorTests
{
    [Fact]
    public void Bytes_come_one_by_one_and_nothing_else_is_taken()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        using AnonymousPipeClientStream other = new(PipeDirection.Out, pipe.ClientSafePipeHandle);
        using Descriptor input = Descriptor.Borrow((int)pipe.SafePipeHandle.DangerousGetHandle());
        using Descriptor output = Descriptor.Borrow((int)other.SafePipeHandle.DangerousGetHandle());

        Assert.True(output.TryWriteAll("abc"u8, out _));
        Assert.True(input.TryReadByte(out int first, out _));
        Assert.Equal(('a', 'b', 'c'), ((char)first, (char)pipe.ReadByte(), (char)pipe.ReadByte()));
        other.Dispose();
        Assert.True(input.TryReadByte(out int end, out Errno error));
        Assert.Equal((-1, Errno.None), (end, error));
    }

    [Fact]
    public void What_is_there_is_read_up_to_the_end()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        using AnonymousPipeClientStream other = new(PipeDirection.Out, pipe.ClientSafePipeHandle);
        using Descriptor input = Descriptor.Borrow((int)pipe.SafePipeHandle.DangerousGetHandle());
        byte[] buffer = new byte[10];

        other.Write("abc"u8);
        Assert.True(input.TryRead(buffer, out int count, out _));
        Assert.Equal("abc"u8.ToArray(), buffer[..count]);
        other.Dispose();
        Assert.True(input.TryRead(buffer, out count, out Errno error));
        Assert.Equal((0, Errno.None), (count, error));
    }

    [Fact]
    public async Task A_descriptor_that_does_not_block_is_waited_for()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using Socket near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        using Socket far = listener.Accept();
        near.Blocking = false;
        using Descriptor descriptor = Descriptor.Borrow((int)near.SafeHandle.DangerousGetHandle());
        byte[] sent = new byte[16_000_000];
        Random.Shared.NextBytes(sent);

        Task<bool> writing = Task.Run(() => descriptor.TryWriteAll(sent, out _));
        byte[] received = new byte[sent.Length];
        for (int count = 0; count < received.Length;)
        {
            count += far.Receive(received.AsSpan(count));
        }

        Assert.True(await writing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(sent, received);
        Task<int> reading = Task.Run(() => descriptor.TryRead(new byte[10], out int count, out _) ? count : -1);
        await Task.Yield();
        far.Send("abc"u8);
        Assert.Equal(3, await reading.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void What_is_not_open_can_neither_be_read_nor_written(int number)
    {
        using Descriptor none = Descriptor.Borrow(number);
        Assert.False(none.TryReadByte(out _, out Errno error));
        Assert.Equal("Bad file descriptor", error.Text);
        Assert.False(none.TryRead(new byte[1], out _, out error));
        Assert.Equal("Bad file descriptor", error.Text);
        Assert.False(none.TryWriteAll("x"u8, out error));
        Assert.Equal("Bad file descriptor", error.Text);
    }
}
