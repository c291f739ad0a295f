import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmError } from '../../errors.ts'
import type { GenerateRequest } from '../../generate/fal-llm.ts'
import { findUnknownFields } from './find-unknown-fields.ts'
import { defineEndpoint, endpoints } from '../index.ts'
import type { EndpointId } from '../index.ts'

let emulator: RunningEmulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

const model = 'openai/gpt-4o'
const prompt = '/echo hi'
/** Asks as JavaScript does, where no type stands in the way. */
const ask = (request: object) =>
  createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' }).generate(
    request as GenerateRequest,
  )
const refusal = async (request: object): Promise<FalLlmError> => {
  const before = emulator.requests.length
  const error = await ask(request).then(
    () => undefined,
    (thrown: FalLlmError) => thrown,
  )
  expect(emulator.requests.length).toBe(before)
  if (!error) throw new Error('It was not refused')
  return error
}

const enterprise = 'fal-ai/any-llm/enterprise'
const unknown: readonly (readonly [EndpointId, object, string])[] = [
  [
    'openrouter/router',
    { tempratur: 1 },
    'body.tempratur: is no parameter of "openrouter/router"; nearest is "temperature"',
  ],
  [
    'openrouter/router/vision',
    { maxToken: 1 },
    'body.max_token: is no parameter of "openrouter/router/vision"; nearest is "maxTokens"',
  ],
  [
    'fal-ai/any-llm',
    { Priority: 'latency' },
    'body._priority: is no parameter of "fal-ai/any-llm"; nearest is "priority"',
  ],
  [
    enterprise,
    { temperature: 1 },
    `body.temperature: is no parameter of "${enterprise}"; it takes reasoning, priority; "openrouter/router" takes it`,
  ],
  [
    'openrouter/router',
    { warmth: 1 },
    'body.warmth: is no parameter of "openrouter/router"; it takes reasoning, temperature, maxTokens',
  ],
]

describe('a parameter the endpoint does not know', () => {
  test.each(unknown)(
    'rule 20: is refused by %s before any request: %o',
    async (endpoint, params, message) => {
      const error = await refusal({ endpoint, model, prompt, params })
      expect(error).toMatchObject({ code: 'invalid-input', endpoint, message })
      expect(error.issues).toMatchObject([{ type: 'extra_forbidden' }])
    },
  )

  test('is named beside the fields that are wrong, all at once', async () => {
    const error = await refusal({ prompt, params: { temperature: 9, topp: 1, seeed: 2 } })
    expect(error.issues.map(({ path }) => path).toSorted()).toEqual([
      'body.model',
      'body.seeed',
      'body.temperature',
      'body.topp',
    ])
  })

  test('passes on the chat route, whose known names are checked', async () => {
    const endpoint = 'openrouter/router/openai/v1/chat/completions'
    const open = { endpoint, model, prompt, params: { brandNew: { a: 1 }, topP: 0.5 } }
    expect(await ask(open)).toMatchObject({ text: 'hi' })
    expect(emulator.requests.at(-1)?.body).toMatchObject({ brand_new: { a: 1 }, top_p: 0.5 })
    const wrong = {
      topP: 2,
      topK: -1,
      minP: 2,
      seed: 'x',
      repetitionPenalty: 3,
      stop: 5,
      responseFormat: 'json',
      reasoningEffort: 1,
    }
    const { issues } = await refusal({ endpoint, model, prompt, params: wrong })
    expect(issues).toHaveLength(Object.keys(wrong).length)
  })

  test('passes to an endpoint of one’s own that is not closed', async () => {
    const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/own', closed: false })
    expect(findUnknownFields(own, { prompt, warmth: 1 })).toEqual([])
    expect(findUnknownFields({ ...own, closed: true }, { prompt, warmth: 1 })).toHaveLength(1)
  })

  test('undefined is none', async () => {
    const params = { temperature: undefined, tempratur: undefined }
    expect(await ask({ endpoint: enterprise, prompt, params })).toMatchObject({ text: 'hi' })
  })
})

describe('what README says of a wrong call', () => {
  test.each([
    ['an unknown model', { endpoint: 'fal-ai/any-llm', model: 'openai/gpt4o', prompt }],
    ['a wrong parameter', { model, prompt, params: { temperature: 'hot' } }],
    ['a parameter the endpoint lacks', { endpoint: enterprise, prompt, params: { maxTokens: 5 } }],
    ['no model where one is required', { prompt }],
  ])('%s is refused before any request', async (_what, request) => {
    expect(await refusal(request)).toMatchObject({ code: 'invalid-input' })
  })
})
