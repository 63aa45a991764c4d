using System.Security.Cryptography;

namespace Fwknop.Client;

/// <summary>Reads files that may hold keys.</summary>
internal static class SecretFile
{
    // Our choice: far more than any rc or key file, little enough for a wrong path such as /dev/zero.
    private const int MaxSize = 4 * 1024 * 1024;
    private const int FirstSize = 16 * 1024;

    /// <summary>Reads a whole file into memory that the garbage collector does not copy. The caller wipes it.</summary>
    /// <exception cref="IOException">The file cannot be read or is larger than 4 MiB.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(FirstSize, pinned: true);
        int length = 0;
        try
        {
            while (file.Read(buffer, length, buffer.Length - length) is var count and > 0)
            {
                length += count;
                buffer = length < buffer.Length ? buffer : Move(buffer, 2 * length);
                if (length > MaxSize)
                {
                    throw new IOException("File too large");
                }
            }

            return CopyOf(buffer.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static byte[] Move(byte[] from, int size)
    {
        byte[] to = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        from.CopyTo(to, 0);
        CryptographicOperations.ZeroMemory(from);
        return to;
    }

    private static byte[] CopyOf(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        return copy;
    }
}
