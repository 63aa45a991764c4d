using System.Text;
using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.KeyGeneration;

/// <summary>
/// Makes a pair of keys as <c>--key-gen</c> of both programs does (client.md 9, server.md 1.5): two lines that are valid in an rc file
/// and in access.conf. Keys are never a <see cref="string"/>.
/// </summary>
public static class KeyGenerator
{
    // The reference's bound for paths (client.md 15.1).
    private const int MaxPath = 1023;

    /// <summary>Makes keys and writes them to the file of the options, or to standard output.</summary>
    /// <inheritdoc cref="Publish"/>
    public static string? Run(
        KeyGenerationOptions options, string programName, Action<ReadOnlySpan<byte>> output, Func<string, Stream> createFile)
    {
        using KeyPair? keys = Generate(options, programName, out string? problem);
        return keys is null ? problem : Publish(keys, options, output, createFile);
    }

    /// <summary>Makes keys of the lengths that the options say.</summary>
    /// <param name="options">The lengths.</param>
    /// <param name="programName">The name of the program, for messages.</param>
    /// <param name="problem">The message for standard error when a length is out of bounds.</param>
    /// <returns>The keys, which the caller disposes of, or null.</returns>
    public static KeyPair? Generate(KeyGenerationOptions options, string programName, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(options);
        Rejection why = options.KeyLength is < 1 or > EncryptionKey.MaxLength ? Rejection.GenKeyLengthInvalid
            : options.EffectiveHmacKeyLength is < 1 or > Limits.HmacKeyProgramBytes ? Rejection.GenHmacKeyLengthInvalid
            : Rejection.None;
        problem = why == Rejection.None ? null : LibraryError.Text(programName, "fko_key_gen", why);
        return problem is null
            ? new KeyPair(EncryptionKey.Generate(options.KeyLength), HmacKey.Generate(options.EffectiveHmacKeyLength))
            : null;
    }

    /// <summary>Writes keys to the file of the options, or to standard output.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="options">Names the file.</param>
    /// <param name="output">Writes to standard output.</param>
    /// <param name="createFile">Creates a file, or replaces one, that only its owner may read.</param>
    /// <returns>Null on success, else the message for standard error.</returns>
    public static string? Publish(
        KeyPair keys, KeyGenerationOptions options, Action<ReadOnlySpan<byte>> output, Func<string, Stream> createFile)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(createFile);
        if (options.File is not { } path)
        {
            keys.WriteLines(output);
            return null;
        }

        try
        {
            if (path.Length > MaxPath)
            {
                throw new PathTooLongException();
            }

            using Stream file = createFile(path);
            keys.WriteLines(file.Write);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return $"Unable to create key gen file: {path}: {FileError.Reason(e, path)}";
        }

        output(Encoding.UTF8.GetBytes($"[+] Wrote Rijndael and HMAC keys to: {path}\n"));
        return null;
    }
}
