using System.Security.Cryptography;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// Keys and other secrets on their way to a child: the length, -1 for none, and the bytes. No copy stays behind, as long as the writer's stream has no buffer.
/// </summary>
internal static class SecretField
{
    public static void Write(BinaryWriter writer, SpaKey? key) => Write(writer, key?.Length, destination => key!.CopyTo(destination));

    public static void Write(BinaryWriter writer, StanzaSecret? secret) => Write(writer, secret?.Length, destination => secret!.CopyTo(destination));

    /// <returns>Null for none.</returns>
    /// <exception cref="InvalidDataException">It is longer than any secret.</exception>
    public static TSecret? Read<TSecret>(BinaryReader reader, Func<ReadOnlySpan<byte>, TSecret> make)
        where TSecret : class
    {
        int length = reader.ReadInt32();
        if (length < 0)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[StanzaSecret.MaxLength];
        if (length > bytes.Length)
        {
            throw new InvalidDataException("A secret is too long.");
        }

        reader.BaseStream.ReadExactly(bytes[..length]);
        TSecret secret = make(bytes[..length]);
        CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    private static void Write(BinaryWriter writer, int? length, Action<Span<byte>> copyTo)
    {
        writer.Write(length ?? -1);
        if (length is { } count)
        {
            Span<byte> bytes = stackalloc byte[StanzaSecret.MaxLength];
            copyTo(bytes);
            writer.Write(bytes[..count]);
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
