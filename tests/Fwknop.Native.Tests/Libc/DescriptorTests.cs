using System.IO.Pipes;
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

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void What_is_not_open_can_neither_be_read_nor_written(int number)
    {
        using Descriptor none = Descriptor.Borrow(number);
        Assert.False(none.TryReadByte(out _, out Errno error));
        Assert.Equal("Bad file descriptor", error.Text);
        Assert.False(none.TryWriteAll("x"u8, out error));
        Assert.Equal("Bad file descriptor", error.Text);
    }
}
