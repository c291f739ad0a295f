import { createServer } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { settled } from '@fal-llm/testkit/settled'
import { describe, expect, it, vi } from 'vitest'
import { json, listen, startScriptedFal } from '../../test/scripted-fal.ts'
import {
  answer,
  callProxy,
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
} from '../../test/start-proxy.ts'
import { createFalProxy } from '../index.ts'
import type { FetchHandler, FalProxyOptions } from '../index.ts'
import { toNodeHandler } from '../node.ts'

describe('an encoded answer', () => {
  const bomb = brotliCompressSync(Buffer.alloc(256 * 1_048_576))

  it.each([
    ['with a length', { 'content-length': String(bomb.length) }],
    ['of unknown length', {}],
    ['that is a stream', { 'content-type': 'text/event-stream' }],
  ])('%s is counted while it is decoded, and broken off', async (_what, headers) => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-encoding': 'br', ...headers }).end(bomb)
    })
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    let bytes = 0
    const read = async (): Promise<void> => {
      for await (const piece of response.body ?? []) bytes += piece.byteLength
    }
    await expect(read()).rejects.toThrow()
    expect(bytes).toBeLessThanOrEqual(33_554_432)
  })

  it('to a submit is no more than a megabyte', async () => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-encoding': 'br', 'content-length': bomb.length }).end(bomb)
    })
    const { call } = await startProxy(fal)
    expect((await call(submitTarget, post(input))).status).toBe(502)
  })

  it('that is small passes whole', async () => {
    const fal = await startScriptedFal((response) => {
      const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
      response.writeHead(200, headers).end(gzipSync(JSON.stringify(answer)))
    })
    const { call } = await startProxy(fal)
    expect(await (await call(runTarget, post(input))).json()).toEqual(answer)
  })
})

describe('the connection to fal', () => {
  const endless = { pull: (to: ReadableStreamDefaultController) => to.enqueue(new Uint8Array(9)) }

  it.each([
    ['has a status that forbids its body', (body: ReadableStream) => ({ body, status: 205 })],
    ['is a redirect', (body: ReadableStream) => new Response(body, { status: 302 })],
    [
      'is encoded in a way nobody asked for',
      (body: ReadableStream) => new Response(body, { headers: { 'content-encoding': 'zstd' } }),
    ],
  ])('is closed when the answer %s', async (_what, make) => {
    const cancelled = vi.fn<() => void>()
    const signals: (AbortSignal | null | undefined)[] = []
    const send = (_url: unknown, init?: RequestInit): Promise<Response> => {
      signals.push(init?.signal)
      const made = make(new ReadableStream({ ...endless, cancel: cancelled }))
      // What fetch of another runtime may hand over, though no Response of ours can be so.
      const like = {
        headers: new Headers(),
        statusText: '',
        ...(made instanceof Response ? {} : made),
      }
      return Promise.resolve(made instanceof Response ? made : (like as unknown as Response))
    }
    const proxy = createFalProxy({ credentials: fakeKey, allowAnonymous: true, fetch: send })
    expect((await proxy(request(runTarget, post(input)))).status).toBe(502)
    expect(signals[0]?.aborted).toBe(true)
    expect(cancelled).toHaveBeenCalledOnce()
  })

  it('is closed when the door cannot write the answer', async () => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    const proxy = createFalProxy({ credentials: fakeKey, allowAnonymous: true, baseUrl: fal.url })
    const spoilt: FetchHandler = async (got) => {
      const { body, headers } = await proxy(got)
      // An answer that Node refuses to write.
      return { status: 99, statusText: '', headers, body } as unknown as Response
    }
    const url = await listen(createServer(toNodeHandler(spoilt)))
    expect((await callProxy(url, streamTarget, post(input))).status).toBe(500)
    expect(await fal.seen[0]?.closed).toBeGreaterThan(0)
  })
})

describe('a body over a limit of the framework', () => {
  it('is a 413 where the framework ends it with a 413, as SvelteKit does', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (to) => to.error(Object.assign(new Error('Content too large'), { status: 413 })),
    })
    const init = { ...post(input), body, duplex: 'half' }
    const response = await closedProxy()(request(runTarget, init))
    expect(response.status).toBe(413)
    expect(await detailOf(response)).toMatch(/the server's own limit/)
  })
})

describe('bounds', () => {
  const names = [
    'maxBodyBytes',
    'bodyTimeoutMs',
    'idleTimeoutMs',
    'maxStreamMs',
    'hookTimeoutMs',
    'maxInFlight',
  ] as const
  const odd = [Number.NaN, Infinity, -Infinity, -1, '10', null, {}]

  it.each(names.flatMap((name) => odd.map((value) => [name, value] as const)))(
    '%s of %s is refused at the start',
    (name, value) => {
      // What the types forbid is what happens in plain JavaScript.
      const options = { [name]: value } as FalProxyOptions
      expect(() => createFalProxy(options)).toThrow(new RegExp(`^${name} must be a finite number`))
    },
  )

  it.each(odd)('lingerMs of %s is refused at the start', (lingerMs) => {
    const handler: FetchHandler = () => Promise.resolve(new Response())
    // What the types forbid is what happens in plain JavaScript.
    expect(() => toNodeHandler(handler, { lingerMs: lingerMs as number })).toThrow(/^lingerMs must/)
  })

  it('of undefined are the defaults, and longer waits than a timer can are no time-out at once', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const long = { idleTimeoutMs: 2 ** 31, maxStreamMs: 2 ** 40, bodyTimeoutMs: 2 ** 31 }
    const { call } = await startProxy(fal, {
      ...long,
      hookTimeoutMs: 2 ** 31,
      maxBodyBytes: undefined as never,
    })
    expect((await call(runTarget, post(input))).status).toBe(200)
  })
})

describe("a function of the host's that never ends", () => {
  const never = (): Promise<never> => new Promise(() => {})

  it.each(['authorize', 'clientAddress', 'credentials', 'limit', 'onRequest'] as const)(
    '%s ends the call after hookTimeoutMs',
    async (hook) => {
      const onError = vi.fn<(error: unknown, stage: string) => void>()
      const options = { [hook]: never, onError, hookTimeoutMs: 20 }
      const response = await closedProxy(options)(request(runTarget, post(input)))
      expect(response.status).toBe(500)
      expect(await detailOf(response)).toBe(`fal proxy: ${hook} failed on the server`)
      expect(String(onError.mock.calls[0]?.[0])).toMatch(/took longer than 20 ms/)
    },
  )

  it('onSubmitted keeps no answer back for longer', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, { request_id: 'R1' }))
    const { call } = await startProxy(fal, { onSubmitted: never, hookTimeoutMs: 20 })
    expect((await call(submitTarget, post(input))).status).toBe(200)
  })

  it('and then rejects is no unhandled rejection', async () => {
    const unhandled = vi.fn<() => void>()
    process.on('unhandledRejection', unhandled)
    let fail: (error: Error) => void = () => {}
    const authorize = (): Promise<boolean> => new Promise((_resolve, reject) => (fail = reject))
    await closedProxy({ authorize, hookTimeoutMs: 5 })(request(runTarget, post(input)))
    fail(new Error('late'))
    await settled()
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a caller who may not call', () => {
  it.each(['https://fal.run/fal-ai/flux/dev', 'https://evil.example/', 'not a URL'])(
    'does not learn what the proxy thinks of %s',
    async (target) => {
      const response = await closedProxy({ authorize: () => false })(request(target, post(input)))
      expect([response.status, await detailOf(response)]).toEqual([401, 'fal proxy: sign in first'])
    },
  )
})

describe('an address to send to', () => {
  it.each([
    'http://fal.example',
    'http://10.0.0.1:8787',
    'http://localhost.example',
    'http://127.evil.example',
  ])('of %s would carry the key in clear text, and is refused', (baseUrl) => {
    expect(() => createFalProxy({ baseUrl })).toThrow(/https/)
    expect(() => createFalProxy({ webhookUrl: baseUrl })).toThrow(/https/)
  })

  it.each(['https://fal.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:8787'])(
    'may be %s',
    (baseUrl) => {
      expect(() => createFalProxy({ baseUrl, webhookUrl: baseUrl })).not.toThrow()
    },
  )
})

describe('what a browser might do with an answer', () => {
  it.each([
    ['text/html', 'text/plain; charset=utf-8'],
    ['TEXT/HTML; charset=utf-8', 'text/plain; charset=utf-8'],
    ['application/xhtml+xml', 'text/plain; charset=utf-8'],
    ['image/svg+xml', 'text/plain; charset=utf-8'],
    ['text/javascript', 'text/plain; charset=utf-8'],
    ['application/pdf', 'text/plain; charset=utf-8'],
    [undefined, 'text/plain; charset=utf-8'],
    ['application/json', 'application/json'],
    ['application/problem+json; charset=utf-8', 'application/problem+json; charset=utf-8'],
    ['text/event-stream; charset=utf-8', 'text/event-stream; charset=utf-8'],
    ['image/png', 'image/png'],
  ])('of type %s: it is handed on as %s', async (type, expected) => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(502, type === undefined ? {} : { 'content-type': type })
      response.end('<script>alert(1)</script>')
    })
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    expect(response.headers.get('content-type')).toBe(expected)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe('<script>alert(1)</script>')
  })

  it('is no business of another site: CORP is same-origin in every answer', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal)
    for (const target of [runTarget, 'https://evil.example/']) {
      const { headers } = await call(target, post(input))
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})
