using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The client as users get it where it is published (it starts several times as fast), else what the build put beside the tests.</summary>
internal static class ClientFile
{
    public static string Location { get; } = Programs.ArePublished ? Programs.Client : Path.Combine(AppContext.BaseDirectory, "fwknop");
}
