using System.Security.Cryptography;

namespace Fwknop.Configuration.Files;

/// <summary>The bytes of a configuration file, in memory that the garbage collector never copies; wiped when disposed, for it may hold keys.</summary>
internal sealed class ConfigText : IDisposable
{
    private readonly byte[] _bytes;
    private readonly int _length;

    private ConfigText(byte[] bytes, int length)
    {
        _bytes = bytes;
        _length = length;
    }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Reads an open file to its end.</summary>
    /// <returns>Null when it is longer than <paramref name="limit"/>.</returns>
    public static ConfigText? Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, int limit)
    {
        long size = RandomAccess.GetLength(file);
        if (size > limit)
        {
            return null;
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
        int length = 0;
        try
        {
            while (length < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(length), length) is > 0 and int read)
            {
                length += read;
            }
        }
        catch (IOException)
        {
            CryptographicOperations.ZeroMemory(bytes);
            throw;
        }

        return new ConfigText(bytes, length);
    }

    public static ConfigText CopyOf(ReadOnlySpan<byte> text)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        text.CopyTo(bytes);
        return new ConfigText(bytes, bytes.Length);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
