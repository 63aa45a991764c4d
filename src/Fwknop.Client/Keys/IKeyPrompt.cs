namespace Fwknop.Client;

/// <summary>Where keys are asked for when no setting has them.</summary>
internal interface IKeyPrompt
{
    /// <summary>Asks for one key.</summary>
    /// <param name="text">The question, for those who show one.</param>
    /// <param name="answer">Receives the key.</param>
    PromptResult Ask(string text, SecretLine answer);
}
