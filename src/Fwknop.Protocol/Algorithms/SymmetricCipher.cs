using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>AES-256 in the modes of the format (protocol.md 4.4), on whole blocks; padding is the caller's.</summary>
internal static class SymmetricCipher
{
    /// <summary>True for the modes in which a symmetric packet can be made and read.</summary>
    public static bool IsUsable(EncryptionMode mode) => mode is EncryptionMode.Ecb or EncryptionMode.Cbc or EncryptionMode.Cfb
        or EncryptionMode.Ofb or EncryptionMode.Ctr or EncryptionMode.Legacy;

    public static void Encrypt(
        EncryptionMode mode, ReadOnlySpan<byte> aesKey, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> input, Span<byte> output)
    {
        using Aes aes = Create(aesKey);
        _ = mode switch
        {
            EncryptionMode.Ecb => aes.EncryptEcb(input, output, PaddingMode.None),
            EncryptionMode.Cbc or EncryptionMode.Legacy => aes.EncryptCbc(input, iv, output, PaddingMode.None),
            EncryptionMode.Cfb => aes.EncryptCfb(input, iv, output, PaddingMode.None, Limits.Block * 8),
            _ => ApplyKeyStream(mode, aes, iv, input, output),
        };
    }

    public static void Decrypt(
        EncryptionMode mode, ReadOnlySpan<byte> aesKey, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> input, Span<byte> output)
    {
        using Aes aes = Create(aesKey);
        _ = mode switch
        {
            EncryptionMode.Ecb => aes.DecryptEcb(input, output, PaddingMode.None),
            EncryptionMode.Cbc or EncryptionMode.Legacy => aes.DecryptCbc(input, iv, output, PaddingMode.None),
            EncryptionMode.Cfb => aes.DecryptCfb(input, iv, output, PaddingMode.None, Limits.Block * 8),
            _ => ApplyKeyStream(mode, aes, iv, input, output),
        };
    }

    private static Aes Create(ReadOnlySpan<byte> key)
    {
        Aes aes = Aes.Create();
        aes.SetKey(key);
        return aes;
    }

    // OFB: each key stream block is the encryption of the one before. CTR: of a counter that starts at the IV.
    private static int ApplyKeyStream(
        EncryptionMode mode, Aes aes, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (mode is not (EncryptionMode.Ofb or EncryptionMode.Ctr))
        {
            throw new ArgumentOutOfRangeException(nameof(mode));
        }

        Span<byte> counter = stackalloc byte[Limits.Block];
        Span<byte> stream = stackalloc byte[Limits.Block];
        iv.CopyTo(counter);
        for (int start = 0; start < input.Length; start += Limits.Block)
        {
            aes.EncryptEcb(counter, stream, PaddingMode.None);
            for (int i = 0; i < Limits.Block; i++)
            {
                output[start + i] = (byte)(input[start + i] ^ stream[i]);
            }

            if (mode == EncryptionMode.Ofb)
            {
                stream.CopyTo(counter);
            }
            else
            {
                BinaryPrimitives.WriteUInt128BigEndian(counter, BinaryPrimitives.ReadUInt128BigEndian(counter) + 1);
            }
        }

        CryptographicOperations.ZeroMemory(stream);
        return input.Length;
    }
}
