namespace Fwknop.Configuration;

/// <summary>What came of reading a configuration: the result, unless there is an error, and everything found on the way.</summary>
/// <param name="Value">Null when there is an error.</param>
/// <param name="Diagnostics">Errors, warnings and notices in the order of the files.</param>
public sealed record Loaded<T>(T? Value, IReadOnlyList<ConfigDiagnostic> Diagnostics)
    where T : class
{
    /// <summary>True when the configuration cannot be used.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Value))]
    public bool HasErrors => Value is null;
}
