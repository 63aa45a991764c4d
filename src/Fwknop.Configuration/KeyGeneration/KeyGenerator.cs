using System.Security.Cryptography;
using Fwknop.Protocol;

namespace Fwknop.Configuration.KeyGeneration;

/// <summary>
/// Makes a pair of keys as <c>--key-gen</c> does (server.md 1.5, client.md 9): two lines that are valid in access.conf and in an rc
/// file. Keys are never a <see cref="string"/>.
/// </summary>
public static class KeyGenerator
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes keys and writes them to the file of the options, or to standard output.</summary>
    /// <param name="options">Lengths and file.</param>
    /// <param name="programName">The name of the program, for messages.</param>
    /// <param name="output">Standard output as bytes.</param>
    /// <returns>Null on success, else the message for standard error.</returns>
    public static string? Run(KeyGenerationOptions options, string programName, Stream output)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        if (options.KeyLength is < 1 or > EncryptionKey.MaxLength)
        {
            return Refusal(programName, 68, Rejection.GenKeyLengthInvalid);
        }

        if (options.EffectiveHmacKeyLength is < 1 or > Limits.HmacKeyProgramBytes)
        {
            return Refusal(programName, 69, Rejection.GenHmacKeyLengthInvalid);
        }

        if (options.File is null)
        {
            WriteKeys(options, output);
            return null;
        }

        try
        {
            using FileStream file = Create(options.File);
            WriteKeys(options, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"Unable to create key gen file: {options.File}: {Files.ConfigFile.Reason(e)}";
        }

        output.Write(System.Text.Encoding.UTF8.GetBytes($"[+] Wrote Rijndael and HMAC keys to: {options.File}\n"));
        return null;
    }

    /// <summary>Opens the file with mode 0600 before a key is in it, also when it existed with another mode.</summary>
    private static FileStream Create(string path)
    {
        FileStreamOptions how = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            how.Mode = FileMode.Create;
            return new FileStream(path, how);
        }

        how.UnixCreateMode = OwnerOnly;
        FileStream file = new(path, how);
        if (!Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
        {
            // Root must not take /dev/null or a terminal away from everybody else.
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
            file.SetLength(0);
        }

        return file;
    }

    private static void WriteKeys(KeyGenerationOptions options, Stream destination)
    {
        using EncryptionKey key = EncryptionKey.Generate(options.KeyLength);
        using HmacKey hmacKey = HmacKey.Generate(options.EffectiveHmacKeyLength);
        WriteKey("KEY_BASE64: "u8, key, destination);
        WriteKey("HMAC_KEY_BASE64: "u8, hmacKey, destination);
        destination.Flush();
    }

    private static void WriteKey(ReadOnlySpan<byte> name, SpaKey key, Stream destination)
    {
        Span<byte> line = stackalloc byte[Limits.KeyBase64Text + 32];
        name.CopyTo(line);
        int length = name.Length + key.WriteBase64(line[name.Length..]);
        line[length++] = (byte)'\n';
        destination.Write(line[..length]);
        CryptographicOperations.ZeroMemory(line);
    }

    private static string Refusal(string programName, int number, Rejection rejection) => FormattableString.Invariant(
        $"{programName}: fko_key_gen: Error {number} - {rejection.GetText()}");
}
