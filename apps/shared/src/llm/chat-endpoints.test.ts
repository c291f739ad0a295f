import { expect, test } from 'vitest'
import { chatEndpoints, firstModelOf } from './chat-endpoints.ts'

test('offers the endpoints that need no more than words', () => {
  expect(chatEndpoints.map((endpoint) => endpoint.id)).toEqual([
    'openrouter/router',
    'fal-ai/any-llm',
    'fal-ai/any-llm/enterprise',
  ])
})

test('begins with the default model, or the first of the list where fal names none', () => {
  expect(chatEndpoints.map(firstModelOf)).toEqual([
    'google/gemini-2.5-flash',
    'google/gemini-2.5-flash-lite',
    'google/gemini-flash-1.5',
  ])
})
