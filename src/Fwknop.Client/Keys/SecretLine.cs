using System.Security.Cryptography;

namespace Fwknop.Client;

/// <summary>A line typed without echo, with the keys that edit it (client.md 8.4).</summary>
internal sealed class SecretLine : IDisposable
{
    /// <summary>What is kept; the rest of a longer line is dropped, as the reference does.</summary>
    public const int MaxLength = 127;

    private const byte Interrupt = 0x03; // Ctrl-C
    private const byte EndOfInput = 0x04; // Ctrl-D
    private const byte Backspace = 0x08;
    private const byte Clear = 0x15; // Ctrl-U
    private const byte Delete = 0x7f; // what the backspace key of today's terminals sends

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MaxLength, pinned: true);
    private int _length;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Takes the next byte.</summary>
    public SecretLineState Add(byte typed)
    {
        switch (typed)
        {
            case (byte)'\n' or EndOfInput:
                return SecretLineState.Complete;
            case Interrupt:
                Wipe();
                return SecretLineState.Interrupted;
            case Backspace or Delete:
                EraseCharacter();
                return SecretLineState.Open;
            case Clear:
                Wipe();
                return SecretLineState.Open;
            default:
                if (_length < MaxLength)
                {
                    _bytes[_length++] = typed;
                }

                return SecretLineState.Open;
        }
    }

    public void Dispose() => Wipe();

    private void EraseCharacter()
    {
        // The bytes 10xxxxxx of UTF-8 continue a character.
        while (_length > 0 && (_bytes[--_length] & 0xc0) == 0x80)
        {
        }
    }

    private void Wipe()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _length = 0;
    }
}
