using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>Looks up keys: exactly one must match (protocol.md 5.1, client.md 10).</summary>
public sealed class GpgKeyring(GpgSettings settings)
{
    private readonly GpgProgram _gpg = new(settings);

    /// <summary>Any key, to encrypt to.</summary>
    /// <param name="pattern">Id, fingerprint or name, as gpg takes it; <c>KEYID!</c> for one subkey.</param>
    /// <param name="name">What gpg finds exactly this key by.</param>
    /// <param name="why">The reason for failure.</param>
    /// <param name="errorText">gpg's own reason.</param>
    public bool TryFindRecipient(string pattern, [NotNullWhen(true)] out string? name, out Rejection why, out string errorText) =>
        TryFind(KeyLookup.Recipient, pattern, out name, out why, out errorText);

    /// <summary>A secret key, to sign with. Parameters as in <see cref="TryFindRecipient"/>.</summary>
    public bool TryFindSigner(string pattern, [NotNullWhen(true)] out string? name, out Rejection why, out string errorText) =>
        TryFind(KeyLookup.Signer, pattern, out name, out why, out errorText);

    private bool TryFind(
        KeyLookup lookup, string pattern, [NotNullWhen(true)] out string? name, out Rejection why, out string errorText)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        using GpgResult result = _gpg.Run(["--with-colons", lookup.Command, "--", pattern], null, [], GpgProgram.MaxListing);
        IReadOnlyList<GpgKey> keys = KeyListing.Parse(result.Output);
        name = result.Problem is null && keys is [GpgKey only] ? only.NameFor(pattern) : null;
        (why, errorText) = result.Problem is { } problem ? (lookup.NotListed, problem)
            : keys.Count > 1 ? (lookup.Ambiguous, $"{keys.Count} keys match: {string.Join(", ", keys.Select(key => key.Fingerprint))}")
            : keys.Count == 0 ? (lookup.NotFound, result.Status.Count > 0 ? lookup.Missing : result.ErrorText)
            : (Rejection.None, "");
        return name is not null;
    }
}
