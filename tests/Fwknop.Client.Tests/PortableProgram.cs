namespace Fwknop.Client.Tests;

/// <summary>
/// What starts when the test assembly is run as a program: the client as it is on relatives of Unix other than Linux, here on Linux, so that
/// its prompt can be tried at a terminal.
/// </summary>
internal static class PortableProgram
{
    private static int Main(string[] arguments) => ClientProgram.Run(new UnixPlatform(), arguments);
}
