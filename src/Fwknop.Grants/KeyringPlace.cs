namespace Fwknop.Grants;

/// <summary>Where the listener asks for the decryption of a stanza's OpenPGP packets.</summary>
/// <param name="Descriptor">The socket to the decryptor, which the listener inherits.</param>
/// <param name="Keyring">The keyring's place in that decryptor's <see cref="DecryptorSetup"/>.</param>
public readonly record struct KeyringPlace(int Descriptor, ushort Keyring);
