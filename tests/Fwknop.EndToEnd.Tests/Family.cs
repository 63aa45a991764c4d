namespace Fwknop.EndToEnd.Tests;

public enum Family
{
    IPv4,
    IPv6,
}
