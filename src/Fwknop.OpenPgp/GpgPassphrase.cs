using System.Security.Cryptography;

namespace Fwknop.OpenPgp;

/// <summary>The passphrase of a secret key: pinned, wiped on dispose, never printed.</summary>
public sealed class GpgPassphrase : IDisposable
{
    private readonly byte[] _bytes;

    /// <summary>Copies the bytes; the caller wipes the original. Empty for a key without passphrase.</summary>
    public GpgPassphrase(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>False for one that gpg would read only in part: it reads one line.</summary>
    public bool IsOneLine => !Bytes.ContainsAny((byte)'\n', (byte)'\r', (byte)0);

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Wipes it.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>The kind of secret, never its bytes.</summary>
    public override string ToString() => nameof(GpgPassphrase);
}
