using Fwknop.Native.Libc;

namespace Fwknop.Native.Terminal;

/// <summary>
/// Writes to a file descriptor and nothing else. <see cref="Console"/> also switches the keypad of a terminal, and a
/// <see cref="FileStream"/> does not move the file position that a shell's redirection shares with the next program.
/// </summary>
public sealed class DescriptorStream : Stream
{
    private readonly Descriptor _descriptor;

    private DescriptorStream(int descriptor) => _descriptor = Descriptor.Borrow(descriptor);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Standard output.</summary>
    public static DescriptorStream OpenOutput() => new(1);

    /// <summary>Standard error.</summary>
    public static DescriptorStream OpenError() => new(2);

    /// <summary>Writes everything.</summary>
    /// <exception cref="IOException">The descriptor does not take it: closed pipe, full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_descriptor.TryWriteAll(buffer, out Errno error))
        {
            throw new IOException(error.Text, error.Code);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Does nothing: nothing is held back.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
