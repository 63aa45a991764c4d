namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>An element of a set or a map.</summary>
/// <param name="Path"><c>inet fwknop grants4</c>.</param>
/// <param name="Key"><c>10.0.0.1 . tcp . 22</c>.</param>
/// <param name="Value">What a map leads to; null in a set.</param>
internal sealed record NftElement(string Path, string Key, string? Value);
