import { describe, expect, it } from 'vitest'
import { anyLlmModels } from '../catalogue/models.ts'
import { nearest } from './nearest.ts'

describe('nearest', () => {
  it.each([
    ['openai/gpt4o', 'openai/gpt-4o'],
    ['OpenAI/GPT-4o', 'openai/gpt-4o'],
    ['gpt-4o', 'openai/gpt-4o'],
    ['gpt-4o-mnii', 'openai/gpt-4o-mini'],
    ['anthropic/claude-3.5-haiku', 'anthropic/claude-3-5-haiku'],
    ['google/gemini-2.5-flsh', 'google/gemini-2.5-flash'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, anyLlmModels)).toBe(meant)
  })

  it.each(['', 'zzz', 'x'.repeat(1_000_000), 5, null, undefined])(
    'guesses nothing when nothing is near',
    (word) => {
      expect(nearest(word, anyLlmModels)).toBeUndefined()
    },
  )

  it('finds each candidate for itself', () => {
    for (const model of anyLlmModels) expect(nearest(model, anyLlmModels)).toBe(model)
  })
})
