import { endpoints } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { toImageRoute, toRouteNote } from './image-route.ts'

test('a turn with images goes to an endpoint that looks at them, with the same model where it has it', () => {
  const chosen = { endpoint: endpoints['openrouter/router'], model: 'openai/gpt-4o' }
  const { endpoint, model } = toImageRoute(chosen)
  expect(endpoint.supports.images).toBe(true)
  expect(endpoint.kind).toBe('prompt')
  expect(model).toBe('openai/gpt-4o')
})

test('a model that is not known to look gives way to one that is', () => {
  const chosen = { endpoint: endpoints['fal-ai/any-llm'], model: 'openai/o3' }
  expect(toImageRoute(chosen).model).toBe('google/gemini-2.5-flash')
})

test('an endpoint that looks at images keeps its turn, and nothing is said', () => {
  const chosen = { endpoint: endpoints['openrouter/router/vision'], model: 'any/model' }
  expect(toImageRoute(chosen)).toEqual(chosen)
  expect(toRouteNote(chosen)).toBeUndefined()
})

test('says who answers instead', () => {
  const chosen = { endpoint: endpoints['fal-ai/any-llm'], model: 'openai/gpt-4o' }
  expect(toRouteNote(chosen)).toBe('With images, gpt-4o on openrouter/router/vision answers.')
})
