import { endpoints } from '@fal-llm/core'
import type { ChatMessage } from '@fal-llm/core'
import { expect, test } from 'vitest'
import type { Settings } from './arguments.ts'
import { parseArguments } from './arguments.ts'
import { endpointForImages, findModel, firstChoice, moveTo, toChatOptions } from './choice.ts'

const settingsOf = (words: string): Settings => {
  const settings = parseArguments(words.split(' ').filter(Boolean))
  if (settings === 'help') throw new Error('not a call')
  return settings
}
const messageOf = (fields: Partial<ChatMessage>): ChatMessage => ({
  id: 'm',
  role: 'assistant',
  parts: [],
  text: '',
  reasoning: '',
  status: 'done',
  error: undefined,
  createdAt: 0,
  parentId: null,
  branch: { index: 0, count: 1 },
  ...fields,
})
const answered = [
  messageOf({ id: 'q', role: 'user' }),
  messageOf({ id: 'a', parentId: 'q', endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o' }),
]

test('a new conversation begins with what the flags name, else with the router', () => {
  expect(firstChoice(settingsOf(''), [])).toMatchObject({
    endpoint: endpoints['openrouter/router'],
    model: 'google/gemini-2.5-flash',
  })
  expect(firstChoice(settingsOf('-e fal-ai/any-llm -m o3'), [])).toMatchObject({
    endpoint: endpoints['fal-ai/any-llm'],
    model: 'openai/o3',
  })
})

test('one that goes on keeps the model it had, unless a flag names another', () => {
  const choose = (words: string) => {
    const { endpoint, model } = firstChoice(settingsOf(words), answered)
    return [endpoint.id, model]
  }
  expect(choose('')).toEqual(['fal-ai/any-llm', 'openai/gpt-4o'])
  expect(choose('-m o3')).toEqual(['fal-ai/any-llm', 'openai/o3'])
  expect(choose('-e openrouter/router')).toEqual(['openrouter/router', 'google/gemini-2.5-flash'])
})

test('a turn with images does not decide where the next one goes', () => {
  const withImages = [
    ...answered,
    messageOf({ id: 'p', role: 'user', parts: [{ type: 'image', url: 'https://a.b/c.png' }] }),
    messageOf({ id: 's', parentId: 'p', endpoint: 'openrouter/router/vision', model: 'x/y' }),
  ]
  expect(firstChoice(settingsOf(''), withImages).endpoint.id).toBe('fal-ai/any-llm')
})

test('on another endpoint the model stays where it is served', () => {
  const choice = firstChoice(settingsOf('-m deepseek/deepseek-r1'), [])
  expect(moveTo(choice, endpoints['fal-ai/any-llm']).model).toBe('deepseek/deepseek-r1')
  expect(moveTo(choice, endpoints['fal-ai/any-llm/enterprise']).model).toBe(
    'google/gemini-flash-1.5',
  )
})

test('images go to an endpoint that takes them, of the same kind', () => {
  const openAi = endpoints['openrouter/router/openai/v1/chat/completions']
  expect(endpointForImages(endpoints['fal-ai/any-llm']).id).toBe('openrouter/router/vision')
  expect(endpointForImages(openAi)).toBe(openAi)
})

test('what cannot be streamed goes through the queue, and can be found again', () => {
  const modeOf = (words: string) => toChatOptions(firstChoice(settingsOf(words), []), true).mode
  expect(modeOf('')).toBe('stream')
  expect(modeOf('--queue')).toBe('durable')
  expect(modeOf('-e fal-ai/any-llm/enterprise')).toBe('durable')
})

const anyLlm = endpoints['fal-ai/any-llm']
const router = endpoints['openrouter/router']

test('finds the default where no model is named, or the first where fal has no default', () => {
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
