import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import type { GenerationEvent } from '../events.ts'

const model = 'openai/gpt-oss-120b'
const chat = 'openrouter/router/openai/v1/chat/completions'

let emulator: RunningEmulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
const connect = () => createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' })
const lastInput = () => emulator.requests.findLast(({ method }) => method === 'POST')?.body

const ways = (['openrouter/router', 'fal-ai/any-llm', chat] as const).flatMap((endpoint) =>
  (['stream', 'run', 'queue'] as const).map((mode) => [endpoint, mode] as const),
)
test.each(ways)(
  'a model that insists on reasoning answers through %s, mode %s, and the start and the result say why',
  async (endpoint, mode) => {
    const run = connect().generate({ endpoint, model, mode, prompt: '/echo hi' })
    const events: GenerationEvent[] = []
    for await (const event of run) events.push(event)
    expect(await run).toMatchObject({ text: 'hi', reasoningForced: true })
    expect(events.find(({ type }) => type === 'start')).toMatchObject({ reasoningForced: true })
  },
)

test('a submitted job says that reasoning was turned on', async () => {
  const job = await connect().submit({ model, prompt: '/echo hi' })
  expect(job).toMatchObject({ reasoningForced: true })
  expect(lastInput()).toMatchObject({ reasoning: true })
})

test.each([
  [{ reasoning: false }, { enabled: true }],
  [{ reasoning: { effort: 'none', exclude: true } }, { enabled: true, exclude: true }],
  [{ reasoning: { enabled: false } }, { enabled: true }],
  [{ reasoning_effort: 'none' }, { enabled: true }],
])('of a chat that turned reasoning off, %o, only that is changed', async (params, reasoning) => {
  const run = connect().generate({ endpoint: chat, model, prompt: '/echo hi', params })
  expect(await run).toMatchObject({ text: 'hi', reasoningForced: true })
  expect(lastInput()).toMatchObject({ reasoning })
  expect(lastInput()).not.toHaveProperty('reasoning_effort')
})

test.each([
  { reasoning: true },
  { reasoning: { effort: 'low' } },
  { reasoning: { max_tokens: 100 } },
  { reasoningEffort: 'high' },
])(
  'a chat that asked for reasoning, %o, is left as it is, and nothing is noted',
  async (params) => {
    const run = connect().generate({ endpoint: chat, model, prompt: '/echo hi', params })
    expect(await run).not.toHaveProperty('reasoningForced')
  },
)

test('other models are asked without', async () => {
  const run = connect().generate({ model: 'google/gemini-2.5-flash', prompt: '/echo hi' })
  expect(await run).not.toHaveProperty('reasoningForced')
  expect(lastInput()).not.toHaveProperty('reasoning')
})
