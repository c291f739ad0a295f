/** A turn of the conversation before the measured answer. */
export interface Turn {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** The tokens of an answer, those of each read together. */
export type ReadTokens = () => AsyncIterable<readonly string[]>

/** What is asked. */
export const question = 'And now?'

/** Makes the conversation before the question. */
export function createTurns(count: number, textOf: (index: number) => string): readonly Turn[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    role: index % 2 === 0 ? 'user' : 'assistant',
    text: textOf(index),
  }))
}
