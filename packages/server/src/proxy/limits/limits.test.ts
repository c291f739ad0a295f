import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { json, startScriptedFal } from '../../../test/scripted-fal.ts'
import {
  answer,
  closedProxy,
  detailOf,
  fakeKey,
  input,
  post,
  request,
  runTarget,
  startProxy,
  streamTarget,
  submitTarget,
} from '../../../test/start-proxy.ts'
import { createFalProxy, createMemoryRateLimit, withClientAddress } from '../../index.ts'
import type { FalProxyOptions, ProxyCall, RateLimitVerdict } from '../../index.ts'

const authorize = ({ headers }: Request): boolean | { userId: string } => {
  const userId = headers.get('authorization')
  return userId === null ? true : { userId }
}
const statusTarget = `${submitTarget}/requests/R1/status`

async function statuses(count: number, call: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push((await call()).status)
  return all
}

describe('without a limit of the host', () => {
  /** A proxy whose clock stands still, and how many calls got as far as fal. */
  const startStill = () => {
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    onTestFinished(() => void vi.restoreAllMocks())
    const state = { reached: 0 }
    const send = (): Promise<Response> => {
      state.reached++
      return Promise.resolve(Response.json(answer))
    }
    const options = { credentials: fakeKey, fetch: send }
    return { state, options }
  }

  it('each caller may make 60 paid calls a minute, and learns what is left', async () => {
    const { state, options } = startStill()
    const proxy = createFalProxy({ ...options, authorize })
    const callAs = (authorization: string): Promise<Response> =>
      proxy(request(runTarget, post(input, { authorization })))
    const first = await callAs('ann')
    expect(first.headers.get('ratelimit')).toBe('"calls";r=59;t=1')
    expect(first.headers.get('ratelimit-policy')).toBe('"calls";q=60;w=60')
    await first.text()
    for (let i = 1; i < 60; i++) await (await callAs('ann')).text()
    const refused = await callAs('ann')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(refused.headers.get('ratelimit')).toBe('"calls";r=0;t=1')
    expect((await callAs('bob')).status).toBe(200)
    expect(state.reached).toBe(61)
  })

  it('what follows jobs is limited, too: 5,000 follow-ups of one job do not all reach fal', async () => {
    const { state, options } = startStill()
    const proxy = createFalProxy({ ...options, allowAnonymous: true })
    const counts = new Map<number, number>()
    for (let i = 0; i < 5_000; i++) {
      const response = await proxy(request(statusTarget))
      counts.set(response.status, (counts.get(response.status) ?? 0) + 1)
      await response.text()
    }
    expect(Object.fromEntries(counts)).toEqual({ 200: 1_200, 429: 3_800 })
    expect(state.reached).toBe(1_200)
  })

  it('follow-ups do not use up what paid calls may', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal)
    await statuses(70, () => call(statusTarget))
    expect((await call(runTarget, post(input))).status).toBe(200)
  })

  it('guests are counted by address, and a header they write does not make them others', async () => {
    const limit = createMemoryRateLimit({ limit: 1 })
    const options = { allowAnonymous: true, credentials: fakeKey, limit }
    const send = (): Promise<Response> => Promise.resolve(Response.json(answer))
    const proxy = createFalProxy({ ...options, fetch: send })
    const from = (address: string | undefined, headers = {}): Promise<Response> =>
      proxy(withClientAddress(request(runTarget, post(input, headers)), address))
    expect((await from('10.0.0.1')).status).toBe(200)
    expect((await from('10.0.0.1', { 'x-forwarded-for': '10.0.0.9' })).status).toBe(429)
    expect((await from('10.0.0.2')).status).toBe(200)
    expect((await from(undefined)).status).toBe(200)
    expect((await from(undefined)).status).toBe(429)
  })

  it('an address is read from a header where the host allows it', async () => {
    const limit = vi.fn<(key: string, call: ProxyCall) => boolean>().mockReturnValue(false)
    const clientAddress = ({ headers }: Request): string | undefined =>
      headers.get('cf-connecting-ip') ?? undefined
    const headers = { 'cf-connecting-ip': '192.0.2.7' }
    await closedProxy({ limit, clientAddress })(request(runTarget, post(input, headers)))
    expect(limit.mock.calls[0]?.[1].address).toBe('192.0.2.7')
  })
})

describe('a limit of the host', () => {
  it('gets the caller, the address, the action and the request', async () => {
    const seen: unknown[] = []
    const limit = (key: string, call: ProxyCall): boolean => {
      const { action, endpoint, userId, address, request: got } = call
      seen.push([key, action, endpoint, userId, address, new URL(got.url).pathname])
      return true
    }
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal, { authorize, limit, limitFollowUps: limit })
    await call(streamTarget, post(input, { authorization: 'ann' }))
    await call(statusTarget)
    const path = '/api/fal/proxy'
    expect(seen).toEqual([
      ['ann', 'stream', 'openrouter/router', 'ann', '127.0.0.1', path],
      ['anonymous', 'status', 'openrouter/router', undefined, '127.0.0.1', path],
    ])
  })

  it.each<[RateLimitVerdict, number, string | null, string | null]>([
    [{ allowed: true, limit: 10, remaining: 4, resetMs: 1_500 }, 200, '"calls";r=4;t=2', null],
    [{ allowed: false, limit: 10, remaining: 0, resetMs: 1_500 }, 429, '"calls";r=0;t=2', '2'],
    [{ retryAfterMs: 100 }, 429, null, '1'],
  ])('of %j is answered %i with what is left', async (verdict, status, left, retryAfter) => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal, { limit: () => verdict })
    const response = await call(runTarget, post(input))
    expect(response.status).toBe(status)
    expect(response.headers.get('ratelimit')).toBe(left)
    expect(response.headers.get('retry-after')).toBe(retryAfter)
  })

  it('may be none', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal, { limit: false, limitFollowUps: false })
    expect(new Set(await statuses(70, () => call(runTarget, post(input))))).toEqual(new Set([200]))
  })
})

describe('calls open at once', () => {
  const startStreams = (options: FalProxyOptions) =>
    startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    }).then(async (fal) => ({ fal, ...(await startProxy(fal, { authorize, ...options })) }))

  it('are bound per caller, and free again when a caller leaves', async () => {
    const { fal, call } = await startStreams({ maxInFlight: 2 })
    const callers = [new AbortController(), new AbortController()]
    const open = (user: string, signal?: AbortSignal): Promise<Response> =>
      call(streamTarget, { ...post(input, { authorization: user }), ...(signal && { signal }) })
    for (const { signal } of callers) expect((await open('ann', signal)).status).toBe(200)
    const refused = await open('ann')
    expect(refused.status).toBe(429)
    expect(await detailOf(refused)).toMatch(/maxInFlight/)
    expect((await open('bob')).status).toBe(200)
    callers[0]?.abort()
    await fal.seen[0]?.closed
    await vi.waitFor(async () => expect((await open('ann')).status).toBe(200))
  })

  it('hold no place once they are refused, fail or end', async () => {
    const { call } = await startStreams({ maxInFlight: 1 })
    const ann = { authorization: 'ann' }
    const wrong = { ...post(input, ann), body: 'no JSON' }
    expect(await statuses(3, () => call(runTarget, wrong))).toEqual([400, 400, 400])
  })
})

it('a stream that outlives maxStreamMs is broken off, though fal goes on sending', async () => {
  const fal = await startScriptedFal((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write('data: 1\n\n'), 5)
    response.on('close', () => clearInterval(timer))
  })
  const { call } = await startProxy(fal, { maxStreamMs: 1_500 })
  const response = await call(streamTarget, post(input))
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow()
  await fal.seen[0]?.closed
})
