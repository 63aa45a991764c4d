using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Terminal;

/// <summary>
/// Reads or writes a file descriptor and does nothing else. <see cref="Console"/> also switches the keypad of a terminal, and a
/// <see cref="FileStream"/> does not move the file position that a shell's redirection shares with the next program.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DescriptorStream : Stream
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;

    private readonly Descriptor _descriptor;
    private readonly bool _isTaken;

    private DescriptorStream(int descriptor, bool isInput, bool isTaken = false)
    {
        _descriptor = descriptor <= Error ? Descriptor.BorrowStandard(descriptor) : Descriptor.Borrow(descriptor);
        _isTaken = isTaken;
        CanRead = isInput;
    }

    /// <summary>Reads an open file, which stays its owner's.</summary>
    internal DescriptorStream(Descriptor file)
    {
        _descriptor = file;
        CanRead = true;
    }

    public override bool CanRead { get; }

    public override bool CanSeek => false;

    public override bool CanWrite => !CanRead;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Standard input.</summary>
    public static DescriptorStream OpenInput() => new(Input, isInput: true);

    /// <summary>Standard output.</summary>
    public static DescriptorStream OpenOutput() => new(Output, isInput: false);

    /// <summary>Standard output, closed for the whole program on dispose, so that its reader sees the end.</summary>
    public static DescriptorStream TakeOutput() => new(Output, isInput: false, isTaken: true);

    /// <summary>Standard error.</summary>
    public static DescriptorStream OpenError() => new(Error, isInput: false);

    /// <summary>A descriptor to read from. It need not be open: then reading fails.</summary>
    public static DescriptorStream OpenInput(int descriptor) => new(descriptor, isInput: true);

    /// <summary>Reads what is there and waits when nothing is.</summary>
    /// <exception cref="IOException">The descriptor cannot be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        return _descriptor.TryRead(buffer, out int count, out Errno error) ? count : throw new IOException(error.Text, error.Code);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (_isTaken)
        {
            _descriptor.Discard();
        }

        base.Dispose(disposing);
    }
}
