using System.Text.Json;
using Fwknop.Protocol;
using Fwknop.Protocol.Tests;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

/// <summary>The OpenPGP packets of the reference, opened with the keyring that their README describes.</summary>
public sealed class GpgVectorTests(ServerHome server) : IClassFixture<ServerHome>
{
    private const string Valid = "gpg/gpg.json";
    private const string Invalid = "gpg/gpg-invalid.json";

    /// <summary>A content has one text here, as in symmetric packets: these are refused, for another reason than the reference's if it has one.</summary>
    private static readonly Dictionary<string, Rejection> Differences = new()
    {
        ["gi13"] = Rejection.EncryptGpgCipherNotDecodable, // leftover bits
        ["gi15"] = Rejection.NotCanonical, // leftover bits, in a text too short for OpenPGP
        ["gi17"] = Rejection.NotCanonical, // the prefix; the reference's library takes it and its daemon does not
        ["gi26"] = Rejection.NotCanonical, // server_auth of zero bytes; the reference reads it as empty
    };

    public static TheoryData<string, string> ValidRows => Vectors.Rows(Valid);

    public static TheoryData<string, string> InvalidRows => Vectors.Rows(Invalid);

    [GpgTheory]
    [MemberData(nameof(ValidRows))]
    public void Opens_packets_of_the_reference(string id, string description)
    {
        JsonElement row = Vectors.Row(Valid, id);
        string? signer = row.Text("signer_fingerprint");
        using GpgOpenPgp gpg = ServerHome.On(server.Home);
        using PacketKeys keys = KeysOf(row, gpg, new SignaturePolicy { IsRequired = signer is not null });

        Assert.True(SpaPacket.TryOpen(row.Bytes("packet"), keys, out AuthenticMessage? opened, out Rejection why), $"{description}: {why}");

        Vectors.AssertFields(row.GetProperty("fields"), opened!.Message);
        Assert.Equal(row.Text("plaintext"), $"{opened.EncodedMessage}:{opened.Digest}");
        Assert.Equal(row.Int("digest_type"), (int)opened.DigestType);
        Assert.Equal(signer, opened.Signature?.Fingerprint);
        Assert.Equal(row.Text("signature_id"), opened.Signature?.Id);
        Assert.Equal(row.Text("hmac_b64"), opened.Hmac);
        if (signer is not null)
        {
            Assert.True(opened.Signature!.HasFingerprint(signer));
            Assert.True(opened.Signature.HasId(signer));
            Assert.False(opened.Signature.HasFingerprint(GpgHome.ServerFingerprint));
            Assert.False(opened.Signature.HasId(GpgHome.ServerFingerprint));
        }
    }

    [GpgTheory]
    [MemberData(nameof(InvalidRows))]
    public void Judges_hostile_packets_as_the_reference_does(string id, string description)
    {
        JsonElement row = Vectors.Row(Invalid, id);
        JsonElement real = row.GetProperty("real");
        SignaturePolicy policy = new()
        {
            IsRequired = row.GetProperty("signature_required").GetBoolean(),
            IgnoresErrors = row.GetProperty("ignore_signature_errors").GetBoolean(),
        };
        using GpgOpenPgp gpg = ServerHome.On(server.Home);
        using PacketKeys keys = KeysOf(row, gpg, policy);

        bool accepted = SpaPacket.TryOpen(row.Bytes("packet"), keys, out AuthenticMessage? opened, out Rejection why);

        Rejection expected = Differences.TryGetValue(id, out Rejection ours) ? ours : (Rejection)real.Int("error_code");
        Assert.True(expected == why, $"{description}: {why}, not {expected}");
        Assert.Equal(expected == Rejection.None, accepted);
        if (accepted)
        {
            Vectors.AssertFields(real.GetProperty("fields"), opened!.Message);
        }
    }

    [GpgFact]
    public void Knows_the_key_of_a_signature_that_nobody_vouches_for()
    {
        JsonElement row = Vectors.Row(Invalid, "gi09");
        using GpgOpenPgp gpg = ServerHome.On(server.Home);
        using PacketKeys keys = KeysOf(row, gpg, new SignaturePolicy { IgnoresErrors = true });

        Assert.True(SpaPacket.TryOpen(row.Bytes("packet"), keys, out AuthenticMessage? opened, out _));

        Assert.Equal(new OpenPgpSignature("BCD8136A6B00F47B682FE47596DC9CAB136AB0F2", SignatureStatus.KeyMissing, SignatureValidity.Unknown), opened!.Signature);
    }

    private static PacketKeys KeysOf(JsonElement row, IOpenPgp openPgp, SignaturePolicy policy)
    {
        HmacKey? hmacKey = row.Bytes("hmac_key") is { } bytes ? HmacKey.FromBytes(bytes) : null;
        return new PacketKeys(openPgp, hmacKey, (HmacType)row.Int("hmac_type"), policy);
    }
}
