using Fwknop.Configuration;
using Fwknop.Native.FileSystem;
using Fwknop.OpenPgp;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>GPG mode (client.md 10): which gpg, which keys, the passphrase, and what is said when it fails.</summary>
internal sealed class GpgSession(Settings settings, Messages messages, ClientEnvironment environment) : IDisposable
{
    private static readonly TimeSpan TimeToType = TimeSpan.FromMinutes(5);

    private GpgSettings? _gpg;
    private string? _recipient;
    private string? _signer;
    private GpgOpenPgp? _openPgp;

    /// <summary>Looks for gpg and the keys that the settings name.</summary>
    /// <returns>False when the run must end; the reason has been printed.</returns>
    public bool TryFindKeys()
    {
        if (!environment.Platform.HasGpg)
        {
            messages.Error("[*] GPG mode is not available on this system.");
            return false;
        }

        if (ProgramSearch.Find(settings.GpgExecutable, environment.Variable("PATH"), out string problem) is not { } program)
        {
            Fail("fko_set_gpg_exe", Rejection.GpgmeBadGpgExecutable);
            if (problem != ProgramSearch.NotFound)
            {
                messages.Error($"[*] {settings.GpgExecutable}: {problem}.");
            }

            return false;
        }

        if (settings.GpgHomeDirectory is { } home && !Directory.Exists(home))
        {
            return Fail("fko_set_gpg_home_dir", Rejection.GpgmeBadHomeDirectory);
        }

        _gpg = Describe(program);
        GpgKeyring keyring = new(_gpg);
        if (!keyring.TryFindRecipient(settings.GpgRecipient ?? "", out _recipient, out Rejection why, out string text))
        {
            return Fail("fko_set_gpg_recipient", why, text);
        }

        return settings.GpgSigner is not { } signer
            || keyring.TryFindSigner(signer, out _signer, out why, out text)
            || Fail("fko_set_gpg_signer", why, text);
    }

    /// <summary>What packets are made and opened with, from now on.</summary>
    /// <param name="passphrase">Of the signing key; copied.</param>
    /// <exception cref="InvalidOperationException"><see cref="TryFindKeys"/> has found none.</exception>
    public IOpenPgp Open(ReadOnlySpan<byte> passphrase)
    {
        OpenPgpNames names = new(settings.GpgRecipient, settings.GpgSigner, settings.GpgHomeDirectory, settings.GpgExecutable);
        GpgSettings gpg = _gpg ?? throw new InvalidOperationException("The keys come first.");
        _openPgp = new GpgOpenPgp(gpg, names, _recipient, _signer, new GpgPassphrase(passphrase));
        return _openPgp;
    }

    /// <summary>Says why there is no packet; or, to those who want to know, which key signed it.</summary>
    /// <param name="why"><see cref="Rejection.None"/> when there is one.</param>
    /// <param name="message">What was to be sealed.</param>
    /// <param name="hmacType">The HMAC on top.</param>
    public void ReportSealing(Rejection why, SpaMessage message, HmacType hmacType)
    {
        GpgReport report = _openPgp?.Last ?? new();
        switch (why)
        {
            case Rejection.None:
                if (report.SigningKey is { } key)
                {
                    messages.Info($"[+] Signed by key {key}; GPG_REMOTE_ID of the server: {new OpenPgpSignature(key, default, default).Id}");
                }

                break;
            case Rejection.OpenPgpKeyUnsuitable or Rejection.TooShortForOpenPgp:
                messages.Error(GpgPacketSize.Problem(why, report.MessageLength, hmacType));
                break;
            default:
                Fail("fko_spa_data_final", why, report.ErrorText);
                if (why == Rejection.EncryptGpgResultMessageLengthInvalid)
                {
                    messages.Error(GpgPacketSize.Problem(why, report.MessageLength, hmacType));
                }
                else if (why == Rejection.DecodeMessageTooBig)
                {
                    messages.Error(
                        $"[*] The message, which is address and request, has {message.Message.Length} bytes, and servers read at most "
                        + $"{Limits.MessageDecoded}: shorten -A or -C. No SPA packet sent.");
                }

                break;
        }
    }

    /// <summary>What the reference adds when a packet of test mode cannot be opened again.</summary>
    public void ReportOpening(Rejection why)
    {
        ReportGpgError(why, _openPgp?.Last.ErrorText ?? "");
        messages.Error("No access to recipient private key?");
    }

    public void Dispose() => _openPgp?.Dispose();

    private GpgSettings Describe(string program)
    {
        GpgSettings gpg = new()
        {
            Executable = program,
            HomeDirectory = settings.GpgHomeDirectory,
            UsesAgent = settings.UseGpgAgent,
            Environment = GpgEnvironment.From(environment.Variable, settings.UseGpgAgent),
        };
        return settings.UseGpgAgent ? gpg with { TimeLimit = TimeToType } : gpg;
    }

    private bool Fail(string function, Rejection why, string text = "")
    {
        messages.Error(LibraryError.Text(Messages.Program, function, why));
        ReportGpgError(why, text);
        return false;
    }

    // Missing files are no errors of gpg.
    private void ReportGpgError(Rejection why, string text)
    {
        bool isGpgError = why is >= Rejection.MissingGpgKeyData and <= Rejection.GpgmeSignatureVerifyDisabled
            and not (Rejection.GpgmeBadGpgExecutable or Rejection.GpgmeBadHomeDirectory);
        if (isGpgError)
        {
            messages.Error($"GPG ERR: {text}");
        }
    }
}
