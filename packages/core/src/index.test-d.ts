import { describe, expectTypeOf, test } from 'vitest'
import {
  createFalChat,
  createFalCompletion,
  createFalLlm,
  defineEndpoint,
  endpoints,
} from './index.ts'
import type {
  ChatOptions,
  Endpoint,
  EndpointId,
  FalLlm,
  GenerateRequest,
  SendOptions,
} from './index.ts'

const llm: FalLlm = createFalLlm()
const model = 'google/gemini-2.5-flash'
const prompt = 'Hello'
const chat = 'openrouter/router/openai/v1/chat/completions'
const enterprise = 'fal-ai/any-llm/enterprise'

describe('what compiles', () => {
  test('a model where fal requires one, and none where the endpoint has its own', () => {
    llm.generate({ model, prompt })
    llm.generate({ endpoint: 'openrouter/router', model: 'any/slug', prompt })
    llm.generate({ endpoint: 'fal-ai/any-llm', prompt })
    llm.submit({ endpoint: enterprise, prompt })
  })

  test('the modes an endpoint has', () => {
    llm.generate({ model, prompt, mode: 'stream' })
    llm.generate({ endpoint: enterprise, prompt, mode: 'queue' })
    llm.generate({ endpoint: enterprise, prompt, mode: 'run' })
    createFalChat({ endpoint: enterprise, mode: 'durable' })
  })

  test('names of OpenAI’s parameters that nobody here knows yet', () => {
    const params = { temperature: 1, top_p: 0.5, topP: 0.5, brandNew: { anything: 1 } }
    llm.generate({ endpoint: chat, model, prompt, params })
    llm.generate({ endpoint: chat, model, prompt, params: { reasoning: { effort: 'low' } } })
    llm.generate({
      endpoint: chat,
      model,
      prompt,
      params: {
        responseFormat: { type: 'json_schema', json_schema: { name: 'a', schema: {} } },
        stop: ['a', 'b'],
        tools: [{ type: 'function' }],
      },
    })
  })

  test('an endpoint chosen while the program runs', () => {
    const picked = { endpoint: chat as EndpointId, model: model as string | undefined }
    llm.generate({ ...picked, prompt, mode: 'stream' })
    createFalChat<EndpointId>({ endpoint: picked.endpoint, model })
    const request: GenerateRequest = { ...picked, prompt }
    llm.generate(request)
  })

  test('an endpoint of one’s own, whose model and parameters are its own matter', () => {
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/my-llm' })
    llm.generate({ endpoint: own, prompt })
    llm.generate({ endpoint: own, model: 'mine', prompt, params: { warmth: 3 } })
    const some: Endpoint = own
    llm.generate({ endpoint: some, model: 'mine', prompt })
  })

  test('a chat without a model: one may come with each send', () => {
    createFalChat()
    createFalChat({ llm })
    createFalCompletion()
    expectTypeOf<SendOptions<'openrouter/router'>>().toExtend<SendOptions>()
    expectTypeOf<ChatOptions<'openrouter/router'>>().toExtend<ChatOptions>()
  })
})

describe('what does not compile', () => {
  test('no model where fal requires one', () => {
    // @ts-expect-error: openrouter/router has no model of its own
    llm.generate({ prompt })
    // @ts-expect-error: nor when it is named
    llm.generate({ endpoint: 'openrouter/router', prompt })
    // @ts-expect-error: nor the chat route
    llm.generate({ endpoint: chat, prompt })
    // @ts-expect-error: nor in the queue
    llm.submit({ endpoint: 'openrouter/router/vision', prompt })
    // @ts-expect-error: undefined is none
    llm.generate({ model: undefined, prompt })
  })

  test('a model the endpoint does not have', () => {
    // @ts-expect-error: misspelt
    llm.generate({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt4o', prompt })
    // @ts-expect-error: misspelt
    createFalChat({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt4o' })
  })

  test('a parameter the endpoint does not know', () => {
    // @ts-expect-error: misspelt
    llm.generate({ model, prompt, params: { tempratur: 1 } })
    // @ts-expect-error: enterprise has no temperature
    llm.generate({ endpoint: enterprise, prompt, params: { temperature: 1 } })
    // @ts-expect-error: only any-llm has priorities
    llm.generate({ model, prompt, params: { priority: 'latency' } })
    // @ts-expect-error: misspelt
    createFalChat({ params: { tempratur: 1 } })
    // @ts-expect-error: enterprise has no temperature
    createFalCompletion({ endpoint: enterprise, params: { temperature: 1 } })
  })

  test('a known parameter of the wrong type, on the open chat route too', () => {
    // @ts-expect-error: a number
    llm.generate({ model, prompt, params: { temperature: 'hot' } })
    // @ts-expect-error: a number
    llm.generate({ endpoint: chat, model, prompt, params: { topP: 'much' } })
    // @ts-expect-error: a number, on the wire's name too
    llm.generate({ endpoint: chat, model, prompt, params: { max_completion_tokens: '9' } })
    // @ts-expect-error: an object
    llm.generate({ endpoint: chat, model, prompt, params: { response_format: 'json' } })
  })

  test('a stream of an endpoint that has none', () => {
    // @ts-expect-error: enterprise does not stream
    llm.generate({ endpoint: enterprise, prompt, mode: 'stream' })
    // @ts-expect-error: enterprise does not stream
    createFalChat({ endpoint: enterprise, mode: 'stream' })
    // @ts-expect-error: enterprise does not stream
    createFalCompletion({ endpoint: enterprise, mode: 'stream' })
    // @ts-expect-error: a send has a mode of its own
    expectTypeOf<SendOptions<typeof enterprise>>().toExtend<{ readonly mode?: 'stream' }>()
  })

  test('a mode there is none of', () => {
    // @ts-expect-error: misspelt
    llm.generate({ model, prompt, mode: 'streem' })
    // @ts-expect-error: misspelt
    llm.generate({ model, prompt, mode: 'queue', follow: 'pol' })
  })
})
