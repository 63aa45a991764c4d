namespace Fwknop.TestSupport;

/// <summary>How a daemon is started.</summary>
/// <param name="Access">access.conf</param>
/// <param name="Configuration">fwknopd.conf, to which run directory and interface are added.</param>
/// <param name="Arguments">More of the command line.</param>
public sealed record DaemonSetup(string Access, string Configuration = "", params IReadOnlyList<string> Arguments)
{
    public string Device { get; init; } = TestNetwork.Interface;

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
