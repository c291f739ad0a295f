// The client checks an input before it is sent, the emulator when it arrives. What one takes the other takes, and what one
// refuses the other refuses, field by field; only a field that fal does not know is refused by the client alone, for fal
// passes over it in silence.

import { createFalLlm } from '@fal-llm/core'
import { endpoints } from '@fal-llm/core/endpoints'
import type { EndpointId } from '@fal-llm/core/endpoints'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator } from './serve.ts'
import type { RunningEmulator } from './serve.ts'

let emulator: RunningEmulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

const names = [
  'temperature',
  'max_tokens',
  'reasoning',
  'priority',
  'top_p',
  'top_k',
  'min_p',
  'top_a',
  'seed',
  'stop',
  'tools',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'max_completion_tokens',
  'response_format',
  'reasoning_effort',
  'image_urls',
  'system_prompt',
  'tempratur',
  'warmth',
]
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(
    0,
    1,
    2,
    2.0001,
    -0.0001,
    -2,
    1.5,
    '0.5',
    '',
    'yes',
    'latency',
    'Latency',
    true,
    null,
    1e300,
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    { enabled: true },
    { type: 'json_object' },
    [{ type: 'function' }],
    ['x'],
  ),
)
const params = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 })

/** The paths the client refuses before it sends anything; undefined: it sent the input. */
async function askClient(
  endpoint: EndpointId,
  given: object,
): Promise<readonly string[] | undefined> {
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret', retry: false })
  const before = emulator.requests.length
  // As JavaScript asks, where no type stands in the way.
  const request = {
    endpoint,
    model: 'openai/gpt-4o',
    prompt: '/echo hi',
    mode: 'run',
    params: given,
  }
  const error = await llm.generate(request as never).then(
    () => undefined,
    (thrown: { issues: { path: string; type: string }[] }) => thrown,
  )
  if (emulator.requests.length > before) return undefined
  return (
    error?.issues.filter(({ type }) => type !== 'extra_forbidden').map(({ path }) => path) ?? []
  )
}

/** The paths the emulator refuses; undefined: it took the input. */
async function askEmulator(
  endpoint: EndpointId,
  given: object,
): Promise<readonly string[] | undefined> {
  const { kind, supports } = endpoints[endpoint]
  const asked =
    kind === 'prompt'
      ? { prompt: '/echo hi' }
      : { messages: [{ role: 'user', content: '/echo hi' }] }
  const images = kind === 'prompt' && supports.images ? { image_urls: [] } : {}
  const response = await fetch(`${emulator.url}/fal.run/${endpoint}`, {
    method: 'POST',
    headers: { authorization: 'Key key:secret', 'content-type': 'application/json' },
    body: JSON.stringify({ ...images, ...given, ...asked, model: 'openai/gpt-4o' }),
  })
  const body = (await response.json()) as {
    detail?: { loc: string[] }[]
    error?: { message: string }
  }
  if (response.ok) return undefined
  return (
    body.detail?.map(({ loc }) => loc.join('.')) ??
    body.error?.message.split('; ').map((line) => `body.${line.split(': ')[0]}`)
  )
}

describe('client and emulator', () => {
  // The ids of the registry are its keys.
  it.each(Object.keys(endpoints) as EndpointId[])(
    'agree on every input of %s',
    async (endpoint) => {
      await fc.assert(
        fc.asyncProperty(params, async (given) => {
          // `reasoning: true` is a client's short form on the chat route, not a value of the wire.
          fc.pre(endpoints[endpoint].kind === 'prompt' || typeof given['reasoning'] !== 'boolean')
          // One after the other: the client is seen to send nothing by the emulator hearing nothing.
          const client = await askClient(endpoint, given)
          const server = await askEmulator(endpoint, given)
          expect(client?.toSorted() ?? []).toEqual(server?.toSorted() ?? [])
        }),
        { numRuns: 60 },
      )
    },
  )
})
