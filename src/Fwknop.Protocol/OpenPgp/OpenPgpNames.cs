namespace Fwknop.Protocol;

/// <summary>What OpenPGP packets are made with and for, as the settings name it (client.md 14.1).</summary>
/// <param name="Recipient">The key encrypted to, or null where packets are only opened.</param>
/// <param name="Signer">The key signed with, or null.</param>
/// <param name="HomeDirectory">The home directory of gpg, or null for its own choice.</param>
/// <param name="Executable">The gpg program.</param>
public sealed record OpenPgpNames(string? Recipient, string? Signer, string? HomeDirectory, string Executable);
