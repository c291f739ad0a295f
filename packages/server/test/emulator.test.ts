// The whole way: a client, the proxy, the emulator with its queue, storage and signed webhooks.

import { createServer } from 'node:http'
import { createFalClient } from '@fal-ai/client'
import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import express from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFalProxy, createFalWebhookHandler } from '../src/index.ts'
import type { FalProxyOptions, WebhookEvent, WebhookHandlerOptions } from '../src/index.ts'
import { toNodeHandler } from '../src/node.ts'
import { listen } from './scripted-fal.ts'
import { fakeKey } from './start-proxy.ts'

const model = 'google/gemini-2.5-flash'
const endpoint = 'openrouter/router'

async function startAll(
  options: FalProxyOptions = {},
): Promise<{ emulator: RunningEmulator; proxyUrl: string }> {
  const emulator = await startEmulator({ keys: [fakeKey], queueDelayMs: 20 })
  onTestFinished(() => emulator.close())
  const proxy = createFalProxy({
    credentials: fakeKey,
    authorize: () => ({ userId: 'ann' }),
    baseUrl: emulator.url,
    allowUploads: true,
    ...options,
  })
  return { emulator, proxyUrl: await listen(createServer(toNodeHandler(proxy))) }
}

describe('@fal-llm/core', () => {
  it.each(['stream', 'run', 'queue'] as const)('gets the same answer by %s', async (mode) => {
    const { proxyUrl } = await startAll()
    const run = createFalLlm({ proxyUrl }).generate({ model, prompt: '/echo Grüße 👋', mode })
    expect((await run).text).toBe('Grüße 👋')
  })

  it('streams the OpenAI-shaped endpoint', async () => {
    const { proxyUrl } = await startAll()
    const run = createFalLlm({ proxyUrl }).generate({
      endpoint: 'openrouter/router/openai/v1/chat/completions',
      model,
      messages: [{ role: 'user', content: '/echo hi' }],
    })
    let text = ''
    for await (const piece of run.textStream) text += piece
    expect(text).toBe('hi')
  })

  it('uploads an image and asks about it', async () => {
    const { emulator, proxyUrl } = await startAll()
    const image = new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' })
    const llm = createFalLlm({ proxyUrl, baseUrl: emulator.url })
    const request = { model, prompt: '/echo seen', images: [image] }
    const { text } = await llm.generate({ endpoint: 'openrouter/router/vision', ...request })
    expect(text).toBe('seen')
    expect(emulator.storedBytes).toBe(3)
  })

  it('sees a cut stream as interrupted, with the text so far', async () => {
    const { proxyUrl } = await startAll()
    const run = createFalLlm({ proxyUrl }).generate({ model, prompt: '/drop 3\n/long 50' })
    await expect(run).rejects.toMatchObject({
      code: 'interrupted',
      partial: { text: expect.stringMatching(/\w/) },
    })
  })

  it('stops fal and cancels the job when the user stops', async () => {
    const { emulator, proxyUrl } = await startAll()
    const llm = createFalLlm({ proxyUrl })
    const stream = llm.generate({ model, prompt: '/slow 60000\n/echo x' })
    await emulator.until(() => emulator.active === 1)
    await stream.stop()
    await emulator.until(() => emulator.active === 0)
    const job = llm.generate({ model, prompt: '/slow 60000\n/echo x', mode: 'queue' })
    await emulator.until(() => emulator.requests.some(({ call }) => call === 'status-stream'))
    await job.stop()
    await emulator.until(() => emulator.requests.some(({ call }) => call === 'cancel'))
    expect(emulator.requests.filter(({ call }) => call === 'cancel')).toHaveLength(1)
    await expect(stream).rejects.toMatchObject({ code: 'aborted' })
    await expect(job).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('@fal-ai/client', () => {
  it('runs, streams, subscribes, uploads and cancels', async () => {
    const { emulator, proxyUrl } = await startAll()
    const fal = createFalClient({ proxyUrl: { url: proxyUrl, when: 'always' } })
    const input = { model, prompt: '/echo hi' }
    expect((await fal.run(endpoint, { input })).data).toMatchObject({ output: 'hi' })
    const stream = await fal.stream(endpoint, { input })
    expect(await stream.done()).toMatchObject({ output: 'hi', partial: false })
    expect((await fal.subscribe(endpoint, { input })).data).toMatchObject({ output: 'hi' })
    const streaming = await fal.subscribe(endpoint, { input, mode: 'streaming' })
    expect(streaming.data).toMatchObject({ output: 'hi' })
    const url = await fal.storage.upload(new File(['hello'], 'a.txt', { type: 'text/plain' }))
    expect(await (await fetch(url)).text()).toBe('hello')
    const slow = { model, prompt: '/slow 60000\n/echo x' }
    const { request_id: requestId } = await fal.queue.submit(endpoint, { input: slow })
    await fal.queue.cancel(endpoint, { requestId })
    // 200 while it waits, 202 once it runs.
    expect(emulator.requests.at(-1)).toMatchObject({ call: 'cancel' })
    expect([200, 202]).toContain(emulator.requests.at(-1)?.status)
  })

  it("gets fal's own refusal, status and all", async () => {
    const { proxyUrl } = await startAll()
    const fal = createFalClient({ proxyUrl: { url: proxyUrl, when: 'always' } })
    const failure = fal.run(endpoint, { input: { prompt: 5, model } as never })
    await expect(failure).rejects.toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'prompt'] }] },
    })
  })
})

describe('webhooks', () => {
  /** A server that fal reports to, and the events it got. */
  const startHook = async (
    options: Partial<WebhookHandlerOptions> = {},
    mount = (hook: ReturnType<typeof toNodeHandler>) => createServer(hook),
  ) => {
    const events: WebhookEvent[] = []
    const requests: Request[] = []
    const jwks = { url: '' }
    const own: typeof fetch = () => fetch(jwks.url)
    const handler = createFalWebhookHandler({
      onEvent: (event) => void events.push(event),
      fetch: own,
      ...options,
    })
    const hook = toNodeHandler(async (request) => {
      requests.push(request.clone())
      return handler(request)
    })
    const webhookUrl = `${await listen(mount(hook))}/hook`
    const all = await startAll({ webhookUrl })
    jwks.url = `${all.emulator.url}/rest.fal.ai/.well-known/jwks.json`
    return { ...all, events, requests, handler }
  }

  it("accept the emulator's signed deliveries, of successes and failures", async () => {
    const { proxyUrl, events } = await startHook()
    const llm = createFalLlm({ proxyUrl })
    const { requestId } = await llm.submit({ model, prompt: '/echo done' })
    await vi.waitFor(() => expect(events).toHaveLength(1))
    expect(events[0]).toMatchObject({ status: 'OK', payload: { output: 'done' } })
    expect(requestId.startsWith(`${events[0]?.requestId}-`)).toBe(true)
    await llm.submit({ model, prompt: '/fail' })
    await vi.waitFor(() => expect(events).toHaveLength(2))
    expect(events[1]).toMatchObject({ status: 'ERROR', error: expect.any(String) })
  })

  it('refuse the same delivery altered or late, and do nothing for it twice', async () => {
    const { proxyUrl, events, requests, handler } = await startHook()
    await createFalLlm({ proxyUrl }).submit({ model, prompt: '/echo done' })
    await vi.waitFor(() => expect(events).toHaveLength(1))
    const delivered = requests[0]
    if (!delivered) throw new Error('nothing was delivered')
    const { url, headers } = delivered
    const body = await delivered.text()
    const again = (text: string, more: Record<string, string> = {}): Promise<Response> => {
      const all = { ...Object.fromEntries(headers), ...more }
      return handler(new Request(url, { method: 'POST', headers: all, body: text }))
    }
    const replays = await Promise.all(Array.from({ length: 20 }, () => again(body)))
    expect(replays.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect((await again(body.replace('done', 'gone'))).status).toBe(401)
    expect((await again(body, { 'x-fal-webhook-timestamp': '1700000000' })).status).toBe(401)
    expect((await again(body, { 'x-fal-webhook-request-id': 'R2' })).status).toBe(401)
    expect(events).toHaveLength(1)
  })

  it('of another signer are forged', async () => {
    const { proxyUrl, events, requests } = await startHook()
    const stranger = await startHook()
    await createFalLlm({ proxyUrl }).submit({ model, prompt: '/echo done' })
    await vi.waitFor(() => expect(events).toHaveLength(1))
    const delivered = requests[0]
    if (!delivered) throw new Error('nothing was delivered')
    expect((await stranger.handler(delivered)).status).toBe(401)
    expect(stranger.events).toHaveLength(0)
  })

  it('work behind express.json() when it keeps the bytes', async () => {
    const keepBytes = express.json({
      verify: (request, _response, bytes) => void Object.assign(request, { rawBody: bytes }),
    })
    const { proxyUrl, events } = await startHook({}, (hook) =>
      createServer(express().use(keepBytes).post('/hook', hook)),
    )
    await createFalLlm({ proxyUrl }).submit({ model, prompt: '/echo done' })
    await vi.waitFor(() => expect(events).toHaveLength(1))
  })
})
