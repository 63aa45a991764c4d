using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Reads files that may hold keys.</summary>
internal static class SecretFile
{
    // Our choice: far more than any rc or key file, little enough for a wrong path such as /dev/zero.
    private const int MaxSize = 4 * 1024 * 1024;

    /// <summary>Reads a whole file. The caller disposes of the content.</summary>
    /// <exception cref="IOException">
    /// The file cannot be read, is larger than 4 MiB, or is a named pipe: opening one waits, for ever if nobody writes to it. Pipes that are
    /// descriptors of this process (<c>&lt;(command)</c> of a shell) are read.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SecretBuffer Read(string path)
    {
        if (OperatingSystem.IsLinux() && !DescriptorPath.Is(path) && FileOwnership.TryGet(path, out FileOwnership found, out _) && found.IsPipe)
        {
            throw new IOException("Is a named pipe");
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return ReadAll(file);
    }

    /// <summary>Reads a stream to its end. The caller disposes of the content.</summary>
    /// <exception cref="IOException">The stream cannot be read or gives more than 4 MiB.</exception>
    public static SecretBuffer ReadAll(Stream stream)
    {
        SecretBuffer content = new();
        try
        {
            while (content.AppendFrom(stream))
            {
                if (content.Length > MaxSize)
                {
                    throw new IOException("File too large");
                }
            }
        }
        catch
        {
            content.Dispose();
            throw;
        }

        return content;
    }
}
