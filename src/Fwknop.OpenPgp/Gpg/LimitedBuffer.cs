using System.Security.Cryptography;

namespace Fwknop.OpenPgp;

/// <summary>What a program prints, up to a limit; pinned and wiped, for it may be a decrypted message.</summary>
internal sealed class LimitedBuffer(int limit) : IDisposable
{
    private const int FirstSize = 4096;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(FirstSize, pinned: true);
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Reads up to the end of the stream.</summary>
    /// <returns>False when there was more than the limit.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public bool ReadAll(Stream stream)
    {
        int count;
        while ((count = stream.Read(_bytes, _length, _bytes.Length - _length)) > 0)
        {
            _length += count;
            if (_length > limit)
            {
                return false;
            }

            if (_length == _bytes.Length)
            {
                Grow();
            }
        }

        return true;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _length = 0;
    }

    private void Grow()
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(2 * _bytes.Length, pinned: true);
        Bytes.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}
