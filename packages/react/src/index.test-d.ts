import { createFalChat } from '@fal-llm/core'
import { expectTypeOf, test } from 'vitest'
import { useFalChat, useFalCompletion } from './index.ts'
import type { ChatMessage, GenerationResult } from './index.ts'

test('options are checked against the endpoint', () => {
  useFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o', params: { temperature: 1 } })
  // @ts-expect-error: no such model on this endpoint
  useFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4' })
  // @ts-expect-error: the enterprise endpoint has no temperature
  useFalChat({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
  // @ts-expect-error: the enterprise endpoint has no temperature
  useFalCompletion({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
})

test('metadata has the type it was given', () => {
  const chat = createFalChat<'openrouter/router', { pinned: boolean }>()
  expectTypeOf(useFalChat({ chat }).messages).toEqualTypeOf<
    readonly ChatMessage<{ pinned: boolean }>[]
  >()
})

test('a completion has its state and its commands', () => {
  expectTypeOf(useFalCompletion().text).toEqualTypeOf<string>()
  expectTypeOf(useFalCompletion().complete('Hello')).toEqualTypeOf<
    Promise<GenerationResult | undefined>
  >()
})
