import { createFalChat, createFalLlm } from '@fal-llm/core'
import { expectTypeOf, test } from 'vitest'
import { createApp, reactive, ref } from 'vue'
import type { ShallowRef } from 'vue'
import { falLlmPlugin, useFalChat, useFalCompletion } from './index.ts'
import type { ChatMessage, ChatStatus, GenerationResult } from './index.ts'

test('options are checked against the endpoint', () => {
  useFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o', onDispose: 'detach' })
  useFalChat(() => ({ endpoint: 'fal-ai/any-llm', params: { temperature: 1 } }))
  useFalChat(ref({ id: 'one' }))
  useFalChat(reactive({ id: 'one' }))
  // @ts-expect-error: no such model on this endpoint
  useFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4' })
  // @ts-expect-error: no such model on this endpoint
  useFalChat(() => ({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4' }))
  // @ts-expect-error: the enterprise endpoint has no temperature
  useFalCompletion({ endpoint: 'fal-ai/any-llm/enterprise', params: { temperature: 1 } })
})

test('metadata has the type it was given', () => {
  const chat = createFalChat<'openrouter/router', { pinned: boolean }>()
  type Messages = readonly ChatMessage<{ pinned: boolean }>[]
  expectTypeOf(useFalChat({ chat }).messages).toEqualTypeOf<Readonly<ShallowRef<Messages>>>()
})

test('a ref per field', () => {
  expectTypeOf(useFalChat().status.value).toEqualTypeOf<ChatStatus>()
  expectTypeOf(useFalCompletion().text.value).toEqualTypeOf<string>()
  expectTypeOf(useFalCompletion().complete('Hello')).toEqualTypeOf<
    Promise<GenerationResult | undefined>
  >()
  // @ts-expect-error: a field is read, not written
  useFalChat().status.value = 'ready'
})

test('the plugin wants a client', () => {
  createApp({}).use(falLlmPlugin, { llm: createFalLlm() })
  // @ts-expect-error: no client
  createApp({}).use(falLlmPlugin)
})
