namespace Fwknop.TestSupport;

/// <summary>How a daemon is started.</summary>
/// <param name="Access">access.conf</param>
/// <param name="Configuration">fwknopd.conf, to which run directory and interface are added.</param>
/// <param name="Arguments">More of the command line.</param>
public sealed record DaemonSetup(string Access, string Configuration = "", params IReadOnlyList<string> Arguments)
{
    public string Device { get; init; } = TestNetwork.Interface;

    /// <summary>FWKNOP_RUN_DIR, for daemons that follow one another; null: one of its own.</summary>
    public string? RunFolder { get; init; }

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
