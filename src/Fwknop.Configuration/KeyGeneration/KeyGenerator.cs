using System.Security.Cryptography;
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
    /// <param name="options">Lengths and file.</param>
    /// <param name="programName">The name of the program, for messages.</param>
    /// <param name="output">Writes to standard output.</param>
    /// <param name="createFile">Creates a file, or replaces one, that only its owner may read.</param>
    /// <returns>Null on success, else the message for standard error.</returns>
    public static string? Run(
        KeyGenerationOptions options, string programName, Action<ReadOnlySpan<byte>> output, Func<string, Stream> createFile)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(createFile);
        Rejection why = options.KeyLength is < 1 or > EncryptionKey.MaxLength ? Rejection.GenKeyLengthInvalid
            : options.EffectiveHmacKeyLength is < 1 or > Limits.HmacKeyProgramBytes ? Rejection.GenHmacKeyLengthInvalid
            : Rejection.None;
        if (why != Rejection.None)
        {
            return LibraryError.Text(programName, "fko_key_gen", why);
        }

        if (options.File is not { } path)
        {
            WriteKeys(options, output);
            return null;
        }

        try
        {
            if (path.Length > MaxPath)
            {
                throw new PathTooLongException();
            }

            using Stream file = createFile(path);
            WriteKeys(options, file.Write);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return $"Unable to create key gen file: {path}: {FileError.Reason(e)}";
        }

        output(Encoding.UTF8.GetBytes($"[+] Wrote Rijndael and HMAC keys to: {path}\n"));
        return null;
    }

    private static void WriteKeys(KeyGenerationOptions options, Action<ReadOnlySpan<byte>> destination)
    {
        using EncryptionKey key = EncryptionKey.Generate(options.KeyLength);
        using HmacKey hmacKey = HmacKey.Generate(options.EffectiveHmacKeyLength);
        Span<byte> text = stackalloc byte[2 * (Limits.KeyBase64Text + 32)];
        try
        {
            int end = WriteLine("KEY_BASE64: "u8, key, text);
            end += WriteLine("HMAC_KEY_BASE64: "u8, hmacKey, text[end..]);
            destination(text[..end]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static int WriteLine(ReadOnlySpan<byte> name, SpaKey key, Span<byte> line)
    {
        name.CopyTo(line);
        int end = name.Length + key.WriteBase64(line[name.Length..]);
        line[end] = (byte)'\n';
        return end + 1;
    }
}
