using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>Types the answers it was given; without any there is no terminal.</summary>
internal sealed class FakePrompt : IKeyPrompt
{
    public Queue<string> Answers { get; } = new();

    public List<string> Questions { get; } = [];

    public PromptResult Ask(string text, SecretLine answer)
    {
        Questions.Add(text);
        if (!Answers.TryDequeue(out string? typed))
        {
            return PromptResult.NoTerminal;
        }

        foreach (byte key in Encoding.UTF8.GetBytes(typed))
        {
            switch (answer.Add(key))
            {
                case SecretLineState.Interrupted:
                    return PromptResult.Interrupted;
                case SecretLineState.Complete:
                    return PromptResult.Answered;
            }
        }

        return PromptResult.Answered;
    }
}
