using System.Globalization;
using System.Text;
using Fwknop.Configuration.CommandLine;

namespace Fwknop.Client;

/// <summary>Setters of what follows the knock.</summary>
internal static class FollowingSetters
{
    private const int LongestTime = 86400;

    // Every packet is recorded by the server for ever; a grant of less than this is none.
    private const int ShortestInterval = 2;

    public static SetResult SetWait(Settings settings, ReadOnlySpan<byte> value)
    {
        settings.IsWaiting = true;
        return value.IsEmpty ? SetResult.Accepted : SetSeconds(value, "--wait", 1, seconds => settings.WaitSeconds = seconds);
    }

    public static SetResult SetRepeat(Settings settings, ReadOnlySpan<byte> value) =>
        SetSeconds(value, "--repeat", ShortestInterval, seconds => settings.RepeatSeconds = seconds);

    public static SetResult SetConnect(Settings settings, string text)
    {
        settings.Connect = HostPort.TryParse(text);
        return settings.Connect is not null
            ? SetResult.Accepted
            : SetResult.Refused($"Invalid --connect '{text}': it is HOST:PORT, with an IPv6 address [ADDRESS]:PORT.");
    }

    public static SetResult SetCommand(Settings settings, string name)
    {
        settings.Command = [name];
        return name.Length > 0 ? SetResult.Accepted : SetResult.Refused("--exec needs a command.");
    }

    private static SetResult SetSeconds(ReadOnlySpan<byte> value, string option, int min, Action<int> set)
    {
        if (!StrictNumber.TryParse(Encoding.UTF8.GetString(value), min, LongestTime, out int seconds))
        {
            return SetResult.Refused(string.Create(CultureInfo.InvariantCulture, $"{option} must be within [{min}-{LongestTime}]"));
        }

        set(seconds);
        return SetResult.Accepted;
    }
}
