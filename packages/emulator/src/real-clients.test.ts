// Stock clients, unchanged, against the emulator: what they expect of fal is what it must do.

import { createFalClient } from '@fal-ai/client'
import type { FalClient, QueueStatus } from '@fal-ai/client'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator } from './serve.ts'
import type { RunningEmulator } from './serve.ts'

const credentials = 'test:secret'
const model = 'google/gemini-2.5-flash'

let emulator: RunningEmulator
beforeAll(async () => {
  emulator = await startEmulator({ keys: [credentials] })
})
afterAll(() => emulator.close())

/** fal's URL where the emulator has it. */
const map = (url: string): string => url.replace(/^https:\/\//, `${emulator.url}/`)

/** Three ways to lead the client here, each without a change to it. */
const ways: readonly (readonly [string, () => FalClient])[] = [
  [
    'its own fetch',
    () =>
      createFalClient({
        credentials,
        fetch: (input, init) => fetch(map(String(input)), init),
      }),
  ],
  [
    'requestMiddleware',
    () =>
      createFalClient({
        credentials,
        requestMiddleware: (request) => Promise.resolve({ ...request, url: map(request.url) }),
      }),
  ],
  [
    'the proxy protocol',
    () =>
      createFalClient({
        credentials,
        proxyUrl: { url: `${emulator.url}/api/fal/proxy`, when: 'always' },
      }),
  ],
]

describe.each(ways)('@fal-ai/client, led here by %s', (_name, create) => {
  it('runs', async () => {
    const { data, requestId } = await create().run('fal-ai/any-llm', {
      input: { prompt: '/echo hello' },
    })
    expect(data).toEqual({ output: 'hello', partial: false, error: null })
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('streams', async () => {
    const stream = await create().stream('openrouter/router', {
      input: { prompt: '/echo one two three', model },
    })
    const outputs: string[] = []
    for await (const event of stream) outputs.push((event as { output: string }).output)
    expect(outputs.slice(0, 3)).toEqual(['one', 'one two', 'one two three'])
    expect(await stream.done()).toMatchObject({ output: 'one two three', partial: false })
  })

  it.each(['polling', 'streaming'] as const)('subscribes by %s', async (mode) => {
    const updates: QueueStatus[] = []
    const common = {
      input: { prompt: '/long 30', model },
      logs: true,
      onQueueUpdate: (update: QueueStatus) => updates.push(update),
    }
    const { data, requestId } = await (mode === 'polling'
      ? create().subscribe('openrouter/router', { ...common, mode, pollInterval: 20 })
      : create().subscribe('openrouter/router', { ...common, mode }))
    expect(data).toMatchObject({ output: expect.stringMatching(/^The quick/), partial: false })
    expect(updates.at(-1)).toMatchObject({ status: 'COMPLETED', request_id: requestId })
    expect(JSON.stringify(updates)).toContain('Asking google/gemini-2.5-flash')
  })

  it('submits, asks, follows, fetches and cancels', async () => {
    const fal = create()
    const endpoint = 'fal-ai/any-llm/enterprise'
    const { request_id: requestId } = await fal.queue.submit(endpoint, {
      input: { prompt: '/echo hi' },
      priority: 'low',
      startTimeout: 30,
    })
    const stream = await fal.queue.streamStatus(endpoint, { requestId, logs: true })
    expect(await stream.done()).toMatchObject({ status: 'COMPLETED' })
    expect(await fal.queue.status(endpoint, { requestId })).toMatchObject({ status: 'COMPLETED' })
    expect((await fal.queue.result(endpoint, { requestId })).data).toMatchObject({ output: 'hi' })
    await expect(fal.queue.cancel(endpoint, { requestId })).rejects.toMatchObject({ status: 400 })
    const slow = await fal.queue.submit(endpoint, { input: { prompt: '/slow 60000' } })
    await fal.queue.cancel(endpoint, { requestId: slow.request_id })
    await emulator.until(() => emulator.active === 0)
  })

  it('makes a ValidationError of a 422', async () => {
    const asking = create().run('fal-ai/any-llm', { input: { prompt: 5 } })
    await expect(asking).rejects.toMatchObject({
      name: 'ValidationError',
      status: 422,
      body: { detail: [{ loc: ['body', 'prompt'], type: 'string_type' }] },
    })
  })
})

describe('@fal-ai/client', () => {
  const [[, create] = [], , [, createProxied] = []] = ways

  it('uploads a file, over a proxy too, and finds it at the URL it gets', async () => {
    for (const fal of [create?.(), createProxied?.()]) {
      const file = new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })
      const url = await fal?.storage.upload(file, { lifecycle: { expiresIn: '1h' } })
      expect(await (await fetch(map(url ?? ''))).text()).toBe('Hello, World!')
    }
  })

  it('uploads more than 90 MiB in parts', async () => {
    const before = emulator.storedBytes
    const bytes = new Uint8Array(91 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 4096) bytes[at] = (at / 4096) % 251
    const url = await create?.().storage.upload(new Blob([bytes], { type: 'application/pdf' }))
    expect(emulator.storedBytes - before).toBe(bytes.byteLength)
    const stored = await (await fetch(map(url ?? ''))).arrayBuffer()
    expect(Buffer.from(stored).equals(bytes)).toBe(true)
  }, 30_000)

  it('uploads a Blob given as input by itself', async () => {
    const image = new Blob(['not really'], { type: 'image/png' })
    const result = await create?.().run('openrouter/router/vision', {
      // The client's types take URLs only; its code takes Blobs.
      input: { prompt: 'look', model, image_urls: [image as unknown as string] },
    })
    expect(JSON.stringify(result?.data)).toContain(`${emulator.url}/v3.fal.media/files/`)
  })

  it('streams from a browser’s place with a token instead of a key', async () => {
    const response = await fetch(map('https://rest.fal.ai/tokens/'), {
      method: 'POST',
      headers: { authorization: `Key ${credentials}`, 'content-type': 'application/json' },
      body: '{"allowed_apps":["any-llm"],"token_expiration":120}',
    })
    const token = (await response.json()) as string
    const asked: string[] = []
    const fal = createFalClient({ fetch: (input, init) => fetch(map(String(input)), init) })
    const stream = await fal.stream('fal-ai/any-llm', {
      input: { prompt: '/echo hi' },
      connectionMode: 'client',
      tokenProvider: (app) => {
        asked.push(app)
        return Promise.resolve(token)
      },
    })
    expect(await stream.done()).toMatchObject({ output: 'hi', partial: false })
    expect(asked).toEqual(['fal-ai/any-llm/stream'])
    expect(emulator.requests.at(-1)?.authorization).toBeUndefined()
  })

  it('reports a wrong key', async () => {
    const fal = createFalClient({
      credentials: 'wrong:key',
      fetch: (input, init) => fetch(map(String(input)), init),
    })
    await expect(fal.run('fal-ai/any-llm', { input: { prompt: 'hi' } })).rejects.toMatchObject({
      name: 'ApiError',
      status: 401,
      body: { detail: 'No user found for Key ID and Secret' },
    })
  })
})

describe('openai', () => {
  const create = (): OpenAI =>
    new OpenAI({
      baseURL: map('https://fal.run/openrouter/router/openai/v1'),
      apiKey: 'not-needed',
      defaultHeaders: { Authorization: `Key ${credentials}` },
      maxRetries: 0,
    })
  const ask = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] })

  it('chats', async () => {
    const answer = await create().chat.completions.create({ ...ask('/echo hello'), temperature: 1 })
    expect(answer.choices[0]?.message.content).toBe('hello')
    expect(answer.usage?.total_tokens).toBe(4)
  })

  it('streams', async () => {
    const stream = await create().chat.completions.create({ ...ask('/echo one two'), stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('one two')
  })

  it('streams through its helper, tool calls included', async () => {
    const stream = create().chat.completions.stream({
      ...ask('weather?'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            parameters: { properties: { city: { type: 'string' } } },
          },
        },
      ],
    })
    const answer = await stream.finalChatCompletion()
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls')
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'get_weather', arguments: '{"city":"some city"}' },
    })
  })

  it('reports an error in the middle of a stream', async () => {
    const stream = await create().chat.completions.create({
      ...ask('/echo one two three four\n/error Provider disconnected'),
      stream: true,
    })
    const reading = (async () => {
      for await (const chunk of stream) expect(chunk.id).toMatch(/^gen-/)
    })()
    await expect(reading).rejects.toThrow('Provider disconnected')
  })

  it('stops the work by aborting the stream', async () => {
    const stream = await create().chat.completions.create({
      ...ask('/long 50\n/speed 20'),
      stream: true,
    })
    await stream[Symbol.asyncIterator]().next()
    stream.controller.abort()
    await emulator.until(() => emulator.active === 0)
  })

  it('lists models', async () => {
    const ids: string[] = []
    for await (const { id } of create().models.list()) ids.push(id)
    expect(ids).toContain(model)
  })

  it('makes its own errors of a wrong request and of a wrong key', async () => {
    const client = create()
    await expect(
      client.chat.completions.create({ ...ask('hi'), temperature: 3 }),
    ).rejects.toMatchObject({
      name: expect.any(String),
      status: 400,
      message: expect.stringContaining('temperature'),
    })
    const stranger = client.withOptions({ defaultHeaders: { Authorization: 'Key no:body' } })
    await expect(stranger.chat.completions.create(ask('hi'))).rejects.toMatchObject({ status: 401 })
  })
})
