namespace Fwknop.Fuzz;

/// <summary>The input that broke a target, and how. The same target, seed and count find it again.</summary>
internal sealed record FuzzFailure(int Iteration, byte[] Input, Exception Exception)
{
    public override string ToString() => $"input {Iteration}: {Convert.ToHexStringLower(Input)}\n{Exception}";
}
