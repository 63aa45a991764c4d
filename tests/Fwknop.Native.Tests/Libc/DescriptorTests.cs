using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

public sealed class DescriptorTests
{
    [Fact]
    public void A_file_in_memory_is_read_from_its_beginning_again()
    {
        using Descriptor file = Descriptor.CreateInMemory();
        Assert.True(file.IsRegular);
        Assert.True(file.TryWriteAll("knock"u8, out _));
        byte[] buffer = new byte[9];
        for (int i = 0; i < 2; i++)
        {
            file.Rewind();
            Assert.True(file.TryRead(buffer, out int count, out _));
            Assert.Equal("knock", System.Text.Encoding.ASCII.GetString(buffer, 0, count));
        }
    }

    [Fact]
    public void A_pipe_is_no_regular_file_and_cannot_go_back()
    {
        using System.IO.Pipes.AnonymousPipeServerStream pipe = new(System.IO.Pipes.PipeDirection.In);
        using Descriptor reader = Descriptor.Borrow((int)pipe.SafePipeHandle.DangerousGetHandle());
        Assert.False(reader.IsRegular);
        Assert.Throws<IOException>(reader.Rewind);
    }

    [Fact]
    public void A_second_descriptor_of_a_standard_stream_lies_beside_them()
    {
        using Descriptor? copy = Descriptor.TryDuplicateStandard(2);
        Assert.NotNull(copy);
        Assert.True(copy.Number > 2);
        Assert.Equal(
            File.ResolveLinkTarget("/proc/self/fd/2", false)!.ToString(), File.ResolveLinkTarget($"/proc/self/fd/{copy.Number}", false)!.ToString());
        Assert.Null(Descriptor.TryDuplicateStandard(1_000_000));
    }

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
