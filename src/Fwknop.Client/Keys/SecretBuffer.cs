using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Bytes that grow and may hold keys: pinned, wiped when they move and on dispose.</summary>
internal sealed class SecretBuffer : IDisposable
{
    private const int FirstSize = 16 * 1024;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(FirstSize, pinned: true);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public SecretBuffer Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
        return this;
    }

    /// <summary>Appends text that is no secret, in UTF-8.</summary>
    public SecretBuffer Append(string text) => Append(Encoding.UTF8.GetBytes(text));

    /// <summary>Appends a decimal number.</summary>
    public SecretBuffer Append(int number) => Append(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Appends the key in base64 with padding.</summary>
    public SecretBuffer Append(SpaKey key)
    {
        Length += key.WriteBase64(Room(Limits.KeyBase64Text));
        return this;
    }

    /// <summary>Appends what one read of a stream gives.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool AppendFrom(Stream stream)
    {
        int count = stream.Read(Room(1));
        Length += count;
        return count > 0;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private Span<byte> Room(int least)
    {
        if (_bytes.Length - Length < least)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Max(2 * _bytes.Length, Length + least), pinned: true);
            Span.CopyTo(larger);
            CryptographicOperations.ZeroMemory(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }
}
