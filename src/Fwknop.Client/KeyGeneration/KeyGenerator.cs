using System.Security.Cryptography;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Makes a pair of keys and shows or stores them (client.md 9).</summary>
internal sealed class KeyGenerator(Settings settings, Messages messages)
{
    private const int MaxPath = 1023;
    private const int TextSize = 512;

    /// <summary>Bytes of the HMAC key for each digest; where the reference has none (SHA-3), 64.</summary>
    public static int DefaultHmacLength(HmacType type) => type switch
    {
        HmacType.Md5 => 16,
        HmacType.Sha1 => 20,
        HmacType.Sha384 or HmacType.Sha512 => 128,
        _ => HmacKey.DefaultLength,
    };

    /// <returns>True when keys were shown or written.</returns>
    public bool Run()
    {
        int length = settings.KeyLength ?? EncryptionKey.DefaultLength;
        if (length > EncryptionKey.MaxLength)
        {
            messages.Error(LibraryError.Text("fko_key_gen", Rejection.GenKeyLengthInvalid));
            return false;
        }

        using EncryptionKey key = EncryptionKey.Generate(length);
        using HmacKey hmacKey = HmacKey.Generate(settings.HmacKeyLength ?? DefaultHmacLength(settings.HmacDigest));
        byte[] text = GC.AllocateUninitializedArray<byte>(TextSize, pinned: true);
        try
        {
            int end = WriteLine("KEY_BASE64: "u8, key, text);
            end += WriteLine("HMAC_KEY_BASE64: "u8, hmacKey, text.AsSpan(end));
            return Deliver(text.AsSpan(0, end));
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

    private bool Deliver(ReadOnlySpan<byte> text)
    {
        if (settings.KeyGenerationFile is not { } path)
        {
            messages.Raw(text);
            return true;
        }

        try
        {
            if (path.Length > MaxPath)
            {
                throw new PathTooLongException();
            }

            using FileStream file = PrivateFile.Replace(path);
            file.Write(text);
        }
        catch (Exception e) when (SystemError.IsFileError(e))
        {
            messages.Error($"Unable to create key gen file: {path}: {SystemError.TextOf(e)}");
            return false;
        }

        messages.Normal($"[+] Wrote Rijndael and HMAC keys to: {path}");
        return true;
    }
}
