using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>
/// OpenPGP by way of the installed gpg (protocol.md 5.1, 5.3). Owns the passphrase. Not for several threads at a time.
/// </summary>
public sealed class GpgOpenPgp : IOpenPgp, IDisposable
{
    private const string NotOneLine = "The passphrase is not one line of text";

    private readonly GpgProgram _gpg;
    private readonly string? _recipient;
    private readonly string? _signer;
    private readonly GpgPassphrase? _passphrase;

    /// <summary>Takes ownership of the passphrase.</summary>
    /// <param name="settings">How gpg is run.</param>
    /// <param name="names">For dumps.</param>
    /// <param name="recipient">From <see cref="GpgKeyring.TryFindRecipient"/>; null when packets are only opened.</param>
    /// <param name="signer">From <see cref="GpgKeyring.TryFindSigner"/>; null for unsigned packets.</param>
    /// <param name="passphrase">Of the secret key; not used with an agent.</param>
    public GpgOpenPgp(GpgSettings settings, OpenPgpNames names, string? recipient, string? signer, GpgPassphrase passphrase)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(passphrase);
        _gpg = new GpgProgram(settings);
        _recipient = recipient;
        _signer = signer;
        if (settings.UsesAgent)
        {
            passphrase.Dispose();
        }
        else
        {
            _passphrase = passphrase;
        }

        Names = names;
    }

    /// <inheritdoc/>
    public OpenPgpNames Names { get; }

    /// <summary>What else is known of the last call.</summary>
    public GpgReport Last { get; private set; } = new();

    private bool CanHandOver => _passphrase is not { IsOneLine: false };

    /// <inheritdoc/>
    public bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why)
    {
        message = null;
        if (_recipient is null || !CanHandOver)
        {
            why = _recipient is null ? Rejection.MissingGpgKeyData : Rejection.GpgmeBadPassphrase;
            Last = new() { ErrorText = _recipient is null ? "" : NotOneLine };
            return false;
        }

        List<string> arguments = ["--no-armor", "--no-encrypt-to", "--no-groups", "--trust-model", "always", "--output", "-", "--recipient", _recipient];
        if (_signer is not null)
        {
            arguments.AddRange(["--local-user", _signer, "--sign"]);
        }

        arguments.Add("--encrypt");
        using GpgResult result = _gpg.Run(arguments, _signer is null ? null : _passphrase, plaintext, GpgProgram.MaxMessage);
        EncryptionReport report = EncryptionReport.Of(result.ExitCode, result.Status, result.Output, _signer is not null, result.ErrorText);
        Last = new() { ErrorText = report.ErrorText, SigningKey = report.SigningKey, MessageLength = result.Output.Length };
        why = report.Why;
        message = why == Rejection.None ? result.Output.ToArray() : null;
        return message is not null;
    }

    /// <inheritdoc/>
    public bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why)
    {
        decrypted = null;
        if (!CanHandOver)
        {
            why = Rejection.GpgmeDecryptFailed;
            Last = new() { ErrorText = NotOneLine };
            return false;
        }

        using GpgResult result = _gpg.Run(["--output", "-", "--decrypt"], _passphrase, message, GpgProgram.MaxMessage);
        DecryptionReport report = DecryptionReport.Of(result.ExitCode, result.Status, result.ErrorText);
        Last = new() { ErrorText = report.ErrorText };
        why = report.Why;
        decrypted = why == Rejection.None ? new DecryptedMessage(result.Output, report.Signatures) : null;
        return decrypted is not null;
    }

    /// <summary>Wipes the passphrase.</summary>
    public void Dispose() => _passphrase?.Dispose();
}
