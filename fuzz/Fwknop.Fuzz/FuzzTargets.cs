using Fwknop.Fuzz.Targets;

namespace Fwknop.Fuzz;

/// <summary>Every parser that hostile or foreign bytes reach.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frame", "link, IP and transport headers of a captured frame", FrameTarget.Corpus, FrameTarget.Check),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
