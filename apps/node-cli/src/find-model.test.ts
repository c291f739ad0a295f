import { endpoints } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { findModel } from './find-model.ts'

const anyLlm = endpoints['fal-ai/any-llm']
const router = endpoints['openrouter/router']

test('without a wish it is the default, or the first where fal names none', () => {
  expect(findModel(anyLlm, undefined)).toBe('google/gemini-2.5-flash-lite')
  expect(findModel(router, undefined)).toBe('google/gemini-2.5-flash')
})

test.each([
  ['openai/gpt-4o', 'openai/gpt-4o'],
  ['gpt-4o', 'openai/gpt-4o'],
  ['sonnet-3', undefined],
  ['maverick', 'meta-llama/llama-4-maverick'],
])('finds "%s"', (wanted, id) => {
  if (id === undefined) expect(() => findModel(anyLlm, wanted)).toThrow(`has no model "${wanted}"`)
  else expect(findModel(anyLlm, wanted)).toBe(id)
})

test('rule 21: an unknown model is answered with the list, an ambiguous one with what fits', () => {
  expect(() => findModel(anyLlm, 'acme/one')).toThrow(
    'fal-ai/any-llm has no model "acme/one"; it has deepseek/deepseek-r1, ',
  )
  expect(() => findModel(anyLlm, 'sonnet')).toThrow(
    '"sonnet" may be anthropic/claude-3.7-sonnet, anthropic/claude-3.5-sonnet; say which.',
  )
})

test('an open catalogue takes any slug, but not a word', () => {
  expect(findModel(router, 'acme/one')).toBe('acme/one')
  expect(() => findModel(router, 'acme')).toThrow('has no model "acme"')
})
