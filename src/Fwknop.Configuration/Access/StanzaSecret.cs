using System.Security.Cryptography;

namespace Fwknop.Configuration.Access;

/// <summary>A secret of a stanza that is no key of packets (GPG_DECRYPT_PW, TOTP_SECRET): pinned, wiped on dispose, never printed.</summary>
public sealed class StanzaSecret : IDisposable
{
    /// <summary>Bytes at most (our choice: a passphrase of many words; keys are shorter).</summary>
    public const int MaxLength = 512;

    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>Copies the bytes; the caller wipes the original.</summary>
    public StanzaSecret(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Copies the secret out. The caller owns the copy and wipes it.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The secret is wiped.</exception>
    public void CopyTo(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _bytes.CopyTo(destination);
    }

    /// <summary>A copy with an owner of its own.</summary>
    public StanzaSecret Copy()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new StanzaSecret(_bytes);
    }

    /// <summary>Compares two secrets in constant time; none is the same as none.</summary>
    public static bool AreSame(StanzaSecret? one, StanzaSecret? other) =>
        one is null || other is null ? one == other : CryptographicOperations.FixedTimeEquals(one._bytes, other._bytes);

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
    }

    /// <summary>The kind of secret, never its bytes.</summary>
    public override string ToString() => nameof(StanzaSecret);
}
