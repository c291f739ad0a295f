// @fal-llm/core through the proxy.

import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { describe, expect, it } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import type { FalProxyOptions } from '../src/index.ts'
import { hosts } from './hosts.ts'
import type { ScriptedFal } from './scripted-fal.ts'
import { requestId, startSmallFal } from './small-fal.ts'
import { fakeKey, input } from './start-proxy.ts'

describe.each(Object.entries(hosts))('@fal-llm/core through a proxy on %s', (_name, host) => {
  const connect = async (fal: ScriptedFal, options: FalProxyOptions = {}): Promise<FalLlm> => {
    const handler = createFalProxy({
      credentials: fakeKey,
      authorize: () => ({ userId: 'ann' }),
      baseUrl: fal.url,
      allowUploads: true,
      ...options,
    })
    // The base URL is where the files of an upload go; calls go through the proxy all the same.
    return createFalLlm({ proxyUrl: await host(handler), baseUrl: fal.url, retry: false })
  }

  it.each(['stream', 'run', 'queue'] as const)('generates by %s', async (mode) => {
    const llm = await connect(await startSmallFal())
    const result = await llm.generate({ ...input, mode })
    expect(result.text).toBe('Hello')
  })

  it('submits, re-joins and cancels its own job and no other', async () => {
    const fal = await startSmallFal()
    const llm = await connect(fal)
    const { requestId: id } = await llm.submit(input)
    expect(id).not.toBe(requestId)
    expect((await llm.attach({ endpoint: 'openrouter/router', requestId: id })).text).toBe('Hello')
    expect(await llm.cancel({ endpoint: 'openrouter/router', requestId: id })).toBe('cancelled')
    const before = fal.seen.length
    const others = llm.attach({ endpoint: 'openrouter/router', requestId })
    await expect(others).rejects.toMatchObject({ code: 'forbidden' })
    expect(fal.seen).toHaveLength(before)
  })

  it('uploads', async () => {
    const fal = await startSmallFal()
    const file = new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })
    expect(await (await connect(fal)).upload(file)).toBe(
      `${fal.url}/v3.fal.media/files/a/hello.txt`,
    )
    expect(fal.seen.at(-1)?.body).toBe('Hello, World!')
  })

  it.each([
    ['auth', { authorize: () => false }, /sign in/],
    ['forbidden', { endpoints: ['fal-ai/any-llm'] }, /not among the endpoints/],
    ['rate-limited', { limit: () => false }, /too many requests/],
  ] as const)('reads a refusal as %s, with its reason', async (code, options, reason) => {
    const llm = await connect(await startSmallFal(), options)
    const run = llm.generate(input)
    await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(reason) })
  })
})
