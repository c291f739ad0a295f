import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { settled } from '@fal-llm/testkit/settled'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFalProxy } from '../src/index.ts'
import { hosts } from './hosts.ts'
import { startScriptedFal } from './scripted-fal.ts'
import {
  callProxy,
  fakeKey,
  input,
  post,
  runTarget,
  startProxy,
  streamTarget,
} from './start-proxy.ts'

const event = (output: string, partial: boolean): string =>
  `event: event\r\ndata: ${JSON.stringify({ output, partial })}\r\n\r\n`

setFlagsFromString('--expose-gc')
// A function once the flag is set; Node 20 has been seen to lose an abort when it runs.
const collectGarbage = runInNewContext('gc') as () => void

/** Runs steps one after another, each when the last one's effect was seen. */
function createGate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

describe.each(Object.entries(hosts))('on %s', (_name, host) => {
  const serve = (fal: { url: string }): Promise<string> =>
    host(createFalProxy({ credentials: fakeKey, allowAnonymous: true, baseUrl: fal.url }))

  it('each event passes when it comes, and the next is not waited for', async () => {
    const gates = [createGate(), createGate()]
    const fal = await startScriptedFal(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      response.flushHeaders()
      await gates[0]?.opened
      response.write(event('Hé', true))
      await gates[1]?.opened
      response.end(event('Héllo', false))
    })
    const response = await callProxy(await serve(fal), streamTarget, post(input))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const reader = response.body?.getReader()
    for (const [i, text] of [event('Hé', true), event('Héllo', false)].entries()) {
      gates[i]?.open()
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(text)
    }
    expect(await reader?.read()).toMatchObject({ done: true })
  })

  it('an event is through within 20 ms of being sent', async () => {
    let sentAt = 0
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      sentAt = performance.now()
      response.write(event('Hi', true))
    })
    const url = await serve(fal)
    const delays: number[] = []
    for (let i = 0; i < 5; i++) {
      const response = await callProxy(url, streamTarget, post(input))
      const reader = response.body?.getReader()
      await reader?.read()
      delays.push(performance.now() - sentAt)
      await reader?.cancel()
    }
    // The first call connects; a shared machine stutters: the best of five is the proxy's own.
    expect(Math.min(...delays)).toBeLessThan(20)
  })

  it.each(['before the first byte', 'in the middle'])(
    'a caller who leaves %s stops fal within 100 ms',
    async (when) => {
      const delays: number[] = []
      for (let i = 0; i < 3; i++) {
        const reached = createGate()
        const fal = await startScriptedFal((response) => {
          reached.open()
          if (when === 'before the first byte') return
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write(event('Hi', true))
        })
        const caller = new AbortController()
        const call = callProxy(await serve(fal), streamTarget, {
          ...post(input),
          signal: caller.signal,
        })
        const firstRead = call.then((response) => response.body?.getReader().read()).catch(() => {})
        await reached.opened
        if (when === 'in the middle') await firstRead
        const leftAt = performance.now()
        caller.abort()
        delays.push(((await fal.seen[0]?.closed) ?? Infinity) - leftAt)
        await firstRead
      }
      // Each call is stopped; how soon, a shared machine does not always show.
      expect(Math.max(...delays)).toBeLessThan(Infinity)
      expect(Math.min(...delays)).toBeLessThan(100)
    },
  )

  it('an upstream that breaks off does not look like the end', async () => {
    // Hono prints what ends an answer.
    vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => void vi.restoreAllMocks())
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('Hi', true), () => response.socket?.resetAndDestroy())
    })
    const url = await serve(fal)
    const text = callProxy(url, streamTarget, post(input)).then((response) => response.text())
    await expect(text).rejects.toThrow()
  })

  it('status and body of a refusal are those of fal', async () => {
    const body = '{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}'
    const fal = await startScriptedFal((response) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end(body),
    )
    const response = await callProxy(await serve(fal), runTarget, post(input))
    expect([response.status, await response.text()]).toEqual([422, body])
  })
})

describe('after the garbage was collected', () => {
  it.each(['before the first byte', 'in the middle'])(
    'a caller who leaves %s still stops fal',
    async (when) => {
      const reached = createGate()
      const fal = await startScriptedFal((response) => {
        reached.open()
        if (when === 'before the first byte') return
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(event('Hi', true))
      })
      const { call } = await startProxy(fal)
      const caller = new AbortController()
      const answer = call(streamTarget, { ...post(input), signal: caller.signal })
      const firstRead = answer.then((response) => response.body?.getReader().read()).catch(() => {})
      await reached.opened
      if (when === 'in the middle') await firstRead
      for (let i = 0; i < 5; i++) {
        collectGarbage()
        await settled()
      }
      const leftAt = performance.now()
      caller.abort()
      expect(((await fal.seen[0]?.closed) ?? Infinity) - leftAt).toBeLessThan(500)
      await firstRead
    },
  )
})

describe('many streams', () => {
  it('200 at once, of which half vanish: the others are whole, and each that left ends its call to fal', async () => {
    const events = Array.from({ length: 20 }, (_, i) => event('word '.repeat(i + 1), i < 19))
    const started = createGate()
    let arrived = 0
    const fal = await startScriptedFal(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events[0])
      if (++arrived === 200) started.open()
      await started.opened
      for (const text of events.slice(1)) {
        if (response.destroyed) return
        response.write(text)
        await settled()
      }
      if (!response.destroyed) response.end()
    })
    const { call } = await startProxy(fal, { maxInFlight: 200, limit: false })
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const caller = new AbortController()
        const response = await call(streamTarget, { ...post(input), signal: caller.signal })
        if (i % 2 === 0) return response.text()
        await response.body?.getReader().read()
        await started.opened
        caller.abort()
        return 'left'
      }),
    )
    const whole = outcomes.filter((text) => text === events.join(''))
    expect([whole.length, outcomes.filter((text) => text === 'left').length]).toEqual([100, 100])
    await Promise.all(fal.seen.map(({ closed }) => closed))
    expect(fal.seen).toHaveLength(200)
  })

  it('a caller who stops reading stops fal, once the sockets in between are full', async () => {
    let written = 0
    const block = 'x'.repeat(65_536)
    const fal = await startScriptedFal(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      while (!response.destroyed) {
        written += block.length
        if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve))
      }
    })
    const { url } = await startProxy(fal)
    const answer = await new Promise<IncomingMessage>((resolve) => {
      const { headers } = new Request(url, post(input))
      const call = httpRequest(url, {
        method: 'POST',
        agent: false,
        headers: { ...Object.fromEntries(headers), 'x-fal-target-url': streamTarget },
      })
      call.on('response', resolve).end(JSON.stringify(input))
    })
    answer.pause()
    let last = -1
    await vi.waitUntil(() => last === (last = written), { interval: 100 })
    // What the kernel buffers on two connections; the proxy itself reads nothing ahead.
    expect(written).toBeLessThan(32 * 1_048_576)
    answer.destroy()
    await fal.seen[0]?.closed
  })
})

it('an answer that comes after its caller left does no harm', async () => {
  const fal = await startScriptedFal((response) => setTimeout(() => response.end('late'), 20))
  const { url, call } = await startProxy(fal)
  const left = await Promise.all(
    Array.from({ length: 20 }, () => {
      const caller = new AbortController()
      const outcome = call(runTarget, { ...post(input), signal: caller.signal }).catch(() => 'left')
      setImmediate(() => caller.abort())
      return outcome
    }),
  )
  expect(left).toEqual(Array.from({ length: 20 }, () => 'left'))
  expect((await callProxy(url, runTarget, post(input))).status).toBe(200)
})
