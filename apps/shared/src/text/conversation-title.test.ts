import { expect, test } from 'vitest'
import { toConversationTitle } from './conversation-title.ts'

test.each([
  [undefined, 'fal-llm'],
  ['  \n ', 'fal-llm'],
  ['Hello\n  there', 'Hello there'],
  [`${'word '.repeat(20)}`, `${'word '.repeat(12).trim()}…`],
  ['x'.repeat(80), `${'x'.repeat(60)}…`],
])('%j is titled %j', (words, title) => {
  expect(toConversationTitle(words, 'fal-llm')).toBe(title)
})
