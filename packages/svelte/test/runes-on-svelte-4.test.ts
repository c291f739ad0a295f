import { VERSION } from 'svelte/compiler'
import { expect, test } from 'vitest'
import { useFalChat, useFalCompletion } from '../src/runes.ts'

test.each([
  ['useFalChat', () => useFalChat()],
  ['useFalCompletion', () => useFalCompletion()],
] as const)(
  'rule 21: %s says in Svelte 4 which Svelte it needs, and what to use instead',
  (_, use) => {
    expect(VERSION).toMatch(/^4\./)
    expect(use).toThrow(
      '@fal-llm/svelte/runes needs Svelte 5.7 or newer. In Svelte 4 use createFalChat',
    )
  },
)
