/** What is said beside an answer, while a run goes on: a code for programs, a sentence for people. */
export const NOTICES = {
  owner_came: 'The owner of this home needs it now, so this run was ended. It does not count.',
  home_busy: 'Ollama says that its own queue is full. The run is sent again until there is room.',
  load_may_exceed_silent_limit:
    'The model is not loaded, and loading it may take longer than the tunnel waits for a first byte. Then the load is lost. If that happens, load it on the home machine first.',
  stopped_while_reading:
    'The home goes on reading the prompt, which Ollama cannot break off. The next answer begins when it is through.',
  prompt_truncated:
    'The prompt did not fit into the context, so Ollama left out a part of it. Make it shorter, or num_ctx larger.',
  token_limit: 'The answer ends here because it has reached num_predict.',
  context_full:
    'The answer ends here because the context is full. Make num_ctx larger, or the prompt shorter.',
  cut_at_length:
    'Ollama ended the answer because of its length. Whether num_predict or the context did it, it does not say.',
  thinking_used_budget:
    'There is no answer: thinking has used up all the tokens. Make num_predict larger, or think less.',
} as const satisfies Record<string, string>

export type NoticeCode = keyof typeof NOTICES
