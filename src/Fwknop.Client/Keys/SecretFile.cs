namespace Fwknop.Client;

/// <summary>Reads what may hold keys.</summary>
internal static class SecretFile
{
    // Our choice: far more than any rc or key file, little enough for a wrong path such as /dev/zero.
    private const int MaxSize = 4 * 1024 * 1024;

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
