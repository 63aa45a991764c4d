using System.Net;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Hands keys or an address over to another device: draws the code, writes it to a file (client.md 18).</summary>
internal sealed class QrHandoff(Settings settings, ClientEnvironment environment, Messages messages)
{
    /// <returns>Null, or why these keys cannot be handed over.</returns>
    public string? Prepare(SpaKey key, SpaKey? hmacKey, SecretBuffer text)
    {
        if (hmacKey is not null && settings.HmacDigest != HmacType.Sha256)
        {
            messages.Warning(
                $"[-] WARNING: The app takes the HMAC type to be sha256: set {AlgorithmNames.GetName(settings.HmacDigest).ToLowerInvariant()} "
                + "there after the scan" + (settings.HmacDigest >= HmacType.Sha3_256 ? ", if it has it." : "."));
        }

        return HandoffText.AddKeys(text, key, hmacKey, settings.Qr.WithProfile ? settings : null);
    }

    /// <summary>Hands over the keys that a packet would get.</summary>
    public bool ShowKeysInUse()
    {
        if (settings.UseGpg)
        {
            messages.Error($"{Messages.Prefix}keys of GPG cannot be handed over in a code.");
            return false;
        }

        using PacketKeys? keys = new KeyReader(settings, messages, environment, gpg: null).Read();
        if (keys is null)
        {
            return false;
        }

        using SecretBuffer text = new();
        if (Prepare(keys.EncryptionKey, keys.HmacKey, text) is { } problem)
        {
            messages.Error(problem);
            return false;
        }

        return Show(text);
    }

    /// <summary>Hands over the address to allow.</summary>
    public bool ShowAddress()
    {
        IPAddress? address = settings.WantsResolving ? new AddressResolver(settings, messages, environment).Resolve()
            : AllowAddress.TryParse(settings.Allow.Literal, out IPAddress given) ? given
            : null;
        if (address is null && settings.WantsResolving)
        {
            return false;
        }

        using SecretBuffer text = new();
        if (HandoffText.AddAddress(text, address) is { } problem)
        {
            messages.Error(problem);
            return false;
        }

        return Show(text);
    }

    /// <summary>Draws what <see cref="Prepare"/> made, and writes the file of <c>--qr-file</c>.</summary>
    public bool Show(SecretBuffer text)
    {
        using QrCode code = QrCode.Of(text.Span);
        if (settings.Qr.IsDrawn)
        {
            using SecretBuffer drawing = new();
            QrTerminal.Draw(code, HasColours, drawing);
            messages.Raw(drawing.Span);
        }

        return settings.Qr.File is not { } path || TryWrite(code, path);
    }

    // https://no-color.org: a variable that is set and not empty.
    private bool HasColours => environment.IsOutputTerminal() && string.IsNullOrEmpty(environment.Variable("NO_COLOR"))
        && environment.Variable("TERM") is not (null or "" or "dumb");

    private bool TryWrite(QrCode code, string path)
    {
        try
        {
            using FileStream file = PrivateFile.Replace(path);
            using SecretBuffer picture = new();
            if (QrRequest.IsSvg(path))
            {
                QrSvg.Draw(code, picture);
            }
            else
            {
                code.AddPng(picture);
            }

            file.Write(picture.Span);
            return true;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to create QR file: {path}: {FileError.Reason(e, path)}");
            return false;
        }
    }
}
