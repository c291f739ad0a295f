/** What was said before the measured answer. */
export interface Turn {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** How many messages there are before the measured question. */
export const historyLength = 200

/** What is asked. */
export const question = 'And now?'

/** The conversation so far. */
export const history: readonly Turn[] = Array.from({ length: historyLength }, (_, index) => ({
  id: `m${index}`,
  role: index % 2 === 0 ? 'user' : 'assistant',
  text:
    `Turn ${index}: some words that were said before, enough of them to fill more than one line ` +
    'of the column on a usual screen, as most turns of a conversation do.',
}))
