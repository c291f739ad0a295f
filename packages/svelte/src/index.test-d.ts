import { createFalChat as createChat } from '@fal-llm/core'
import type { Readable } from 'svelte/store'
import { expectTypeOf, test } from 'vitest'
import { createFalChat, createFalCompletion } from './index.ts'
import type { ChatMessage, ChatStatus, GenerationResult } from './index.ts'
import { useFalChat, useFalCompletion } from './runes.ts'

test('options are checked against the endpoint', () => {
  createFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o', onDestroy: 'detach' })
  useFalChat(() => ({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o' }))
  // @ts-expect-error: no such model on this endpoint
  createFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4' })
  // @ts-expect-error: no such model on this endpoint
  useFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4' })
  // @ts-expect-error: the enterprise endpoint has no temperature
  createFalCompletion({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
  // @ts-expect-error: the enterprise endpoint has no temperature
  useFalCompletion({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
})

test('metadata has the type it was given', () => {
  const chat = createChat<'openrouter/router', { pinned: boolean }>()
  type Messages = readonly ChatMessage<{ pinned: boolean }>[]
  expectTypeOf(createFalChat({ chat }).messages).toEqualTypeOf<Readable<Messages>>()
  expectTypeOf(useFalChat({ chat }).messages).toEqualTypeOf<Messages>()
})

test('a store per field, a value per getter', () => {
  expectTypeOf(createFalChat().status).toEqualTypeOf<Readable<ChatStatus>>()
  expectTypeOf(useFalChat().status).toEqualTypeOf<ChatStatus>()
  expectTypeOf(createFalCompletion().text).toEqualTypeOf<Readable<string>>()
  expectTypeOf(useFalCompletion().complete('Hello')).toEqualTypeOf<
    Promise<GenerationResult | undefined>
  >()
})
