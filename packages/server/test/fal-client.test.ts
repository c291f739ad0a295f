// fal's own client, unchanged, through the proxy.

import { createFalClient } from '@fal-ai/client'
import type { FalClient } from '@fal-ai/client'
import { describe, expect, it, vi } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import type { FalProxyOptions } from '../src/index.ts'
import { hosts } from './hosts.ts'
import type { ScriptedFal } from './scripted-fal.ts'
import { requestId, startSmallFal } from './small-fal.ts'
import { answer, fakeKey, input } from './start-proxy.ts'

describe.each(Object.entries(hosts))('@fal-ai/client through a proxy on %s', (_name, host) => {
  const connect = async (fal: ScriptedFal, options: FalProxyOptions = {}): Promise<FalClient> => {
    const handler = createFalProxy({
      credentials: fakeKey,
      allowAnonymous: true,
      baseUrl: fal.url,
      allowUploads: true,
      ...options,
    })
    return createFalClient({
      // As an app with sessions of its own configures it; none of it may reach fal.
      credentials: 'browser:session',
      suppressLocalCredentialsWarning: true,
      proxyUrl: { url: await host(handler), when: 'always' },
    })
  }

  it('runs', async () => {
    const fal = await startSmallFal()
    const result = await (await connect(fal)).run('openrouter/router', { input })
    expect(result).toMatchObject({ data: answer, requestId })
    expect(fal.seen[0]).toMatchObject({ body: JSON.stringify(input) })
    expect(fal.seen[0]?.headers.authorization).toBe(`Key ${fakeKey}`)
  })

  it('streams', async () => {
    const stream = await (
      await connect(await startSmallFal())
    ).stream('openrouter/router', { input })
    const events: unknown[] = []
    for await (const event of stream) events.push(event)
    expect(events).toEqual([{ output: 'Hel', partial: true }, answer])
    expect(await stream.done()).toEqual(answer)
  })

  it.each(['polling', 'streaming'] as const)('subscribes by %s', async (mode) => {
    const client = await connect(await startSmallFal(), { authorize: () => ({ userId: 'ann' }) })
    const enqueued = vi.fn<(id: string) => void>()
    const options = { input, mode, logs: mode === 'streaming', onEnqueue: enqueued }
    const result = await client.subscribe('openrouter/router', options)
    expect(result.data).toEqual(answer)
    expect(enqueued.mock.calls[0]?.[0]).toBe(result.requestId)
    expect(result.requestId).not.toBe(requestId)
  })

  it('cancels', async () => {
    const fal = await startSmallFal()
    const client = await connect(fal, { authorize: () => ({ userId: 'ann' }) })
    const { request_id: id } = await client.queue.submit('openrouter/router', { input })
    await client.queue.cancel('openrouter/router', { requestId: id })
    expect(fal.seen.at(-1)).toMatchObject({
      method: 'PUT',
      path: `/queue.fal.run/openrouter/router/requests/${requestId}/cancel`,
      body: '',
    })
  })

  it('uploads', async () => {
    const fal = await startSmallFal()
    const file = new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })
    const url = await (await connect(fal)).storage.upload(file)
    expect(url).toBe(`${fal.url}/v3.fal.media/files/a/hello.txt`)
    const stored = fal.seen.at(-1)
    expect(stored).toMatchObject({ body: 'Hello, World!' })
    expect(stored?.headers).not.toHaveProperty('authorization')
  })

  it('sees the status and body of a refusal', async () => {
    const client = await connect(await startSmallFal(), { endpoints: ['fal-ai/any-llm'] })
    const failure = client.run('openrouter/router', { input })
    await expect(failure).rejects.toMatchObject({
      status: 403,
      body: { detail: expect.any(String) },
    })
  })
})
