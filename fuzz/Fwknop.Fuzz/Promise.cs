namespace Fwknop.Fuzz;

/// <summary>What the targets check after each input.</summary>
internal static class Promise
{
    public static void Require(bool promise, string broken)
    {
        if (!promise)
        {
            throw new BrokenPromiseException(broken);
        }
    }
}
