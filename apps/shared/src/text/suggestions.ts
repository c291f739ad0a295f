/** Something to begin with. */
export interface Suggestion {
  readonly title: string
  /** What is sent. */
  readonly prompt: string
}

/** A few first questions, each showing another kind of answer. */
export const suggestions: readonly Suggestion[] = [
  {
    title: 'Explain streaming to a friend',
    prompt:
      'Explain to a friend, in three short paragraphs, how a chat streams its answer word by word.',
  },
  {
    title: 'Compare three models in a table',
    prompt: 'Compare GPT-4o, Claude 3.7 Sonnet and Gemini 2.5 Pro in a small Markdown table.',
  },
  {
    title: 'Write a debounce in TypeScript',
    prompt: 'Write a typed debounce function in TypeScript, with a short example.',
  },
  {
    title: 'Plan a quiet weekend',
    prompt: 'Plan a quiet weekend by the sea: a short list for each day.',
  },
]
