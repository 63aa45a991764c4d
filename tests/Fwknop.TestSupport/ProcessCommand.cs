namespace Fwknop.TestSupport;

/// <summary>A program to start, in a network namespace or in the machine's own.</summary>
public sealed record ProcessCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Where it runs; null: where the tests run.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Set (or, when null, removed) on top of the tests' own environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Text for standard input, which is closed after it; null: closed at once.</summary>
    public string? Input { get; init; }

    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}
