/** Notices that a run sends beside its answer: a code for programs, a sentence for people. */
export const NOTICES = {
  owner_came: 'The owner of this home needs it now, so this run was ended. It does not count.',
  home_busy:
    'Ollama reports that its own queue is full. Porchlight sends the run again until there is room.',
  load_may_exceed_silent_limit:
    'The model is not loaded, and loading it may take longer than the tunnel waits for the first byte. The load would then be lost. If that happens, load the model on the home machine first.',
  stopped_while_reading:
    'The home is still reading the prompt, and Ollama cannot interrupt that. The next answer begins when it is done.',
  prompt_truncated:
    'The prompt did not fit into the context, so Ollama left out a part of it. Shorten the prompt, or raise num_ctx.',
  token_limit: 'The answer ends here because it has reached num_predict.',
  context_full:
    'The answer ends here because the context is full. Raise num_ctx, or shorten the prompt.',
  cut_at_length:
    'Ollama ended the answer because of its length. It does not report whether num_predict or the context was the limit.',
  thinking_used_budget:
    'There is no answer: thinking has used up all the tokens. Raise num_predict, or lower the thinking level.',
} as const satisfies Record<string, string>

export type NoticeCode = keyof typeof NOTICES
