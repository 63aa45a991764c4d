using System.Security.Cryptography;

namespace Fwknop.Client;

/// <summary>The text of a key on its way from a setting, file or prompt to the packet: pinned, wiped on dispose, never printed.</summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;

    private SecretBytes(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> Span => _bytes;

    public static SecretBytes CopyOf(ReadOnlySpan<byte> bytes) => new(bytes);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => nameof(SecretBytes);
}
