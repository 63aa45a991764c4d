namespace Fwknop.Client;

/// <summary>What a setter says about the value it was given. The zero value is refusal without a reason.</summary>
internal readonly struct SetResult
{
    private SetResult(bool isAccepted, string? text)
    {
        IsAccepted = isAccepted;
        Text = text;
    }

    public static SetResult Accepted { get; } = new(true, null);

    public bool IsAccepted { get; }

    /// <summary>For an accepted value a warning, for a refused one the reason; often null in rc files, whose reader has its own line.</summary>
    public string? Text { get; }

    public static SetResult AcceptedWith(string warning) => new(true, warning);

    public static SetResult Refused(string? reason = null) => new(false, reason);
}
