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

        return QrText.AddKeys(text, key, hmacKey, settings.Qr.WithProfile ? settings : null);
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

        return TryShow(text);
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
        if (QrText.AddAddress(text, address) is { } problem)
        {
            messages.Error(problem);
            return false;
        }

        return TryShow(text);
    }

    /// <summary>Writes the file of <c>--qr-file</c>, if there is to be one, but does not put it in place yet.</summary>
    /// <param name="text">What <see cref="Prepare"/> made.</param>
    /// <param name="picture">The file, or null when none is wanted.</param>
    /// <returns>Null, or why there can be no such file.</returns>
    public string? Stage(SecretBuffer text, out StagedFile? picture)
    {
        picture = null;
        if (settings.Qr.File is not { } path)
        {
            return null;
        }

        using QrCode code = QrCode.Of(text.Span);
        using SecretBuffer content = new();
        if (QrRequest.IsSvg(path))
        {
            QrSvg.Draw(code, content);
        }
        else
        {
            code.AddPng(content);
        }

        try
        {
            picture = StagedFile.Create(path, content.Span);
            return null;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return Problem(path, e);
        }
    }

    /// <summary>Puts the file in place and draws the code.</summary>
    /// <param name="text">What <see cref="Prepare"/> made.</param>
    /// <param name="picture">What <see cref="Stage"/> made.</param>
    /// <returns>False when the file cannot be put in place; the reason has been printed.</returns>
    public bool Show(SecretBuffer text, StagedFile? picture)
    {
        string? problem = null;
        try
        {
            picture?.PutInPlace();
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            problem = Problem(settings.Qr.File!, e);
        }

        if (settings.Qr.IsDrawn)
        {
            using QrCode code = QrCode.Of(text.Span);
            using SecretBuffer drawing = new();
            QrTerminal.Draw(code, HasColours, drawing);
            messages.Raw(drawing.Span);
        }

        if (problem is not null)
        {
            messages.Error(problem);
        }

        return problem is null;
    }

    // https://no-color.org: a variable that is set and not empty.
    private bool HasColours => environment.IsOutputTerminal() && string.IsNullOrEmpty(environment.Variable("NO_COLOR"))
        && environment.Variable("TERM") is not (null or "" or "dumb");

    private bool TryShow(SecretBuffer text)
    {
        string? problem = Stage(text, out StagedFile? picture);
        using (picture)
        {
            if (problem is null)
            {
                return Show(text, picture);
            }

            messages.Error(problem);
            return false;
        }
    }

    private static string Problem(string path, Exception exception) => $"Unable to create QR file: {path}: {FileError.Reason(exception, path)}";
}
