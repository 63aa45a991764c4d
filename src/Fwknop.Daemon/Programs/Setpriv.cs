namespace Fwknop.Daemon.Programs;

/// <summary>setpriv(1): starts a program as another user, and with fewer rights.</summary>
internal static class Setpriv
{
    public const string Program = "/usr/bin/setpriv";

    /// <summary>Why it cannot be used; null when it can.</summary>
    public static string? WhyMissing => File.Exists(Program) ? null : $"{Program} (package util-linux) is missing";
}
