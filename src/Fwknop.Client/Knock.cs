using System.Globalization;
using Fwknop.Configuration;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>
/// One request to a server (client.md 1, steps 10 to 21). Address, message and keys are settled once; each packet sent for it is a
/// fresh one, so that a request can be repeated.
/// </summary>
internal sealed class Knock(Settings settings, Messages messages, ClientEnvironment environment) : IDisposable
{
    private readonly MessageBuilder _builder = new(settings, messages, environment);
    private SpaMessage? _message;
    private GpgSession? _gpg;
    private PacketKeys? _keys;
    private bool _isSpent;

    /// <summary>What is asked for; null before <see cref="TryPrepare"/>.</summary>
    public SpaMessage? Message => _message;

    /// <summary>Makes the message and gets the keys; may ask the user.</summary>
    /// <returns>False when the run must end; the reason has been printed.</returns>
    public bool TryPrepare()
    {
        _message = _builder.Build();
        if (_message is null || !TryPrepareGpg())
        {
            return false;
        }

        _keys = new KeyReader(settings, messages, environment, _gpg).Read();
        return _keys is not null;
    }

    /// <summary>Asks again for the address to allow, where it is asked for: it may have changed since.</summary>
    /// <returns>False when there is no answer; the reason has been printed.</returns>
    public bool TryResolveAgain()
    {
        if (_message is not { } message || !settings.WantsResolving)
        {
            return true;
        }

        SpaMessage? resolved = _builder.ResolveAgain(message);
        _message = resolved ?? message;
        return resolved is not null;
    }

    /// <summary>Makes a packet, shows and saves it as the settings say, and sends it unless this is a test run.</summary>
    /// <returns>False when the run must end; the reason has been printed.</returns>
    public bool TrySend()
    {
        if (_message is not { } message || _keys is not { } keys)
        {
            return false;
        }

        message = _isSpent ? _builder.Renew(message) : message;
        _isSpent = true;
        if (Seal(message, keys) is not { } packet)
        {
            return false;
        }

        ShowPacket(message, packet, keys);

        if (_gpg is null && PacketSize.Warning(packet.Bytes.Length) is { } warning)
        {
            messages.Warning(warning);
        }

        PacketFile.Save(packet, settings, messages);
        ShowClock();
        return new Transmission(settings, messages, environment.Network).Send(message, packet, keys.HmacKey is not null)
            && (!settings.IsTest || OpenAgain(packet, keys));
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _gpg?.Dispose();
    }

    // Which keys are meant is settled before anything is asked.
    private bool TryPrepareGpg()
    {
        if (!settings.UseGpg)
        {
            return true;
        }

        _gpg = new GpgSession(settings, messages, environment);
        return _gpg.TryFindKeys();
    }

    private SpaPacket? Seal(SpaMessage message, PacketKeys keys)
    {
        if (_gpg is null && PacketSize.Problem(PacketLength.OfSymmetric(message, settings.Digest, keys.HmacType)) is { } problem)
        {
            messages.Error(problem);
            return null;
        }

        bool isSealed = SpaPacket.TrySeal(message, keys, settings.Digest, out SpaPacket? packet, out Rejection why);
        if (_gpg is not null)
        {
            _gpg.ReportSealing(why, message, keys.HmacType);
        }
        else if (!isSealed)
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_spa_data_final", why));
        }

        return packet;
    }

    // In a test run the packet is all there is to get.
    private void ShowPacket(SpaMessage message, SpaPacket packet, PacketKeys keys)
    {
        if (settings.IsTest)
        {
            messages.Result(MessageDump.Of(message, settings.Digest, packet, keys).ToString());
        }
        else if (settings.Verbosity > 0)
        {
            messages.Normal(MessageDump.Of(message, settings.Digest, packet, keys).ToString());
        }
    }

    // What a server compares the packet with is its own clock (client.md 20, 253).
    private void ShowClock()
    {
        if (settings.Verbosity > 0)
        {
            TimeProvider clock = environment.Clock;
            messages.Info(string.Create(
                CultureInfo.InvariantCulture, $"Local time: {clock.GetLocalNow():yyyy-MM-dd HH:mm:ss zzz} ({clock.LocalTimeZone.Id})"));
        }
    }

    // The test of test mode: the packet must be readable.
    private bool OpenAgain(SpaPacket packet, PacketKeys keys)
    {
        if (!SpaPacket.TryOpen(packet.Bytes.Span, keys, out AuthenticMessage? opened, out Rejection why))
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_decrypt_spa_data", why));
            _gpg?.ReportOpening(why);
            return false;
        }

        messages.Info($"\nDump of the Decoded Data\n{MessageDump.Of(opened, keys)}");
        return true;
    }
}
