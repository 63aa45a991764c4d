using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>What an OpenPGP message held. Its signatures have not been judged yet.</summary>
public sealed class DecryptedMessage : IDisposable
{
    private readonly byte[] _plaintext;

    /// <summary>Copies the plaintext.</summary>
    /// <param name="plaintext">The decrypted bytes.</param>
    /// <param name="signatures">In the order found; empty for an unsigned message.</param>
    public DecryptedMessage(ReadOnlySpan<byte> plaintext, IReadOnlyList<OpenPgpSignature> signatures)
    {
        _plaintext = GC.AllocateUninitializedArray<byte>(plaintext.Length, pinned: true);
        plaintext.CopyTo(_plaintext);
        Signatures = signatures;
    }

    /// <summary>The decrypted bytes.</summary>
    public ReadOnlySpan<byte> Plaintext => _plaintext;

    /// <summary>In the order found.</summary>
    public IReadOnlyList<OpenPgpSignature> Signatures { get; }

    /// <summary>Wipes the plaintext.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_plaintext);
}
