import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { settled } from '@fal-llm/testkit/settled'
import { describe, expect, it, vi } from 'vitest'
import { json, startScriptedFal } from '../../../test/scripted-fal.ts'
import type { ScriptedFal } from '../../../test/scripted-fal.ts'
import {
  answer,
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
import { createFalProxy } from '../../index.ts'

/** Where a server just was. */
async function freedAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

describe('what goes to fal', () => {
  it('is the body as it came, the key, and the headers fal knows', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal)
    const body = '{ "prompt" : "h\\u00e9llo" , "seed": 12345678901234567890 }'
    await call(runTarget, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: 'Bearer session',
        cookie: 'session=1',
        origin: 'https://app.example',
        'x-forwarded-for': '10.0.0.1',
        'x-fal-queue-priority': 'low',
        'x-fal-unheard-of': '1',
        accept: 'text/event-stream',
      },
    })
    const [seen] = fal.seen
    expect(seen).toMatchObject({ method: 'POST', path: '/fal.run/openrouter/router', body })
    expect(seen?.headers).toMatchObject({
      authorization: `Key ${fakeKey}`,
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'x-fal-queue-priority': 'low',
    })
    for (const name of [
      'cookie',
      'origin',
      'x-forwarded-for',
      'x-fal-unheard-of',
      'x-fal-target-url',
    ]) {
      expect(seen?.headers).not.toHaveProperty(name)
    }
  })

  it('is a cancel without a body', async () => {
    const fal = await startScriptedFal((response) =>
      json(response, 202, { status: 'CANCELLATION_REQUESTED' }),
    )
    const { call } = await startProxy(fal)
    const response = await call(`${submitTarget}/requests/R1/cancel`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(202)
    expect(fal.seen[0]).toMatchObject({
      method: 'PUT',
      path: '/queue.fal.run/openrouter/router/requests/R1/cancel',
      body: '',
    })
  })

  it("names the server's webhook, and no other", async () => {
    const fal = await startScriptedFal((response) => json(response, 200, { request_id: 'R1' }))
    const { call } = await startProxy(fal, { webhookUrl: 'https://app.example/hook?a=1' })
    await call(`${submitTarget}?fal_max_queue_length=5`, post(input))
    expect(fal.seen[0]?.path).toBe(
      '/queue.fal.run/openrouter/router?fal_max_queue_length=5&fal_webhook=https%3A%2F%2Fapp.example%2Fhook%3Fa%3D1',
    )
    expect(
      (await call(`${submitTarget}?fal_webhook=https://evil.example`, post(input))).status,
    ).toBe(403)
    expect(fal.seen).toHaveLength(1)
  })
})

it('is sent by a fetch that nothing is bound to, as workers demand', async () => {
  const owners: unknown[] = []
  const send: typeof fetch = function (this: unknown) {
    owners.push(this)
    return Promise.resolve(Response.json(answer))
  }
  const handler = createFalProxy({ credentials: fakeKey, allowAnonymous: true, fetch: send })
  expect((await handler(request(runTarget, post(input)))).status).toBe(200)
  expect(owners).toEqual([undefined])
})

describe('what comes back', () => {
  it.each([
    [200, 'OK', answer],
    [
      422,
      'Unprocessable Entity',
      { detail: [{ loc: ['body', 'prompt'], msg: 'Field required', type: 'missing' }] },
    ],
    [499, 'Client Closed Request', { detail: '' }],
    [504, 'Gateway Timeout', { detail: 'late', error_type: 'request_timeout' }],
  ])('is status %i and the body as they are', async (status, statusText, body) => {
    const fal = await startScriptedFal((response) => {
      response.statusMessage = statusText
      json(response, status, body)
    })
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    expect([response.status, response.statusText]).toEqual([status, statusText])
    expect(await response.text()).toBe(JSON.stringify(body))
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('is plain although fal compressed it with %s', async (encoding, pack) => {
    const fal = await startScriptedFal((response) => {
      response.setHeader('content-encoding', encoding)
      response.setHeader('content-type', 'application/json')
      response.end(pack(JSON.stringify(answer)))
    })
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    expect(response.headers.has('content-encoding')).toBe(false)
    expect(await response.json()).toEqual(answer)
  })

  it('is refused in an encoding the server cannot undo', async () => {
    const fal = await startScriptedFal((response) => {
      response.setHeader('content-encoding', 'zstd')
      response.end('x')
    })
    const { call } = await startProxy(fal)
    expect((await call(runTarget, post(input))).status).toBe(502)
  })

  it('carries the headers a client reads, and none that would leak or cache', async () => {
    const fal = await startScriptedFal((response) => {
      response.setHeader('x-fal-request-id', 'R1')
      response.setHeader('x-fal-billable-units', '2')
      response.setHeader('retry-after', '7')
      response.setHeader('x-fal-cdn-token', 'token')
      response.setHeader('set-cookie', 'a=1')
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('server', 'gateway')
      json(response, 429, { detail: 'slow down' })
    })
    const { call } = await startProxy(fal)
    const { headers } = await call(runTarget, post(input))
    expect(headers.get('x-fal-request-id')).toBe('R1')
    expect(headers.get('x-fal-billable-units')).toBe('2')
    expect(headers.get('retry-after')).toBe('7')
    expect(headers.get('cache-control')).toBe('no-store, no-transform')
    for (const name of ['x-fal-cdn-token', 'set-cookie', 'access-control-allow-origin', 'server']) {
      expect(headers.has(name)).toBe(false)
    }
  })

  it('is a 204 without a body', async () => {
    const fal = await startScriptedFal((response) => response.writeHead(204).end())
    const { call } = await startProxy(fal)
    expect((await call(runTarget, post(input))).status).toBe(204)
  })

  it('has the key struck out where fal echoes it, across pieces too', async () => {
    const half = fakeKey.split(':')[1] ?? ''
    const fal = await startScriptedFal((response) => {
      response.setHeader('x-fal-error-type', `bad ${fakeKey}`)
      response.writeHead(401, `bad ${fakeKey}`)
      response.write(`{"detail":"${fakeKey.slice(0, 50)}`)
      setImmediate(() => response.end(`${fakeKey.slice(50)} and ${half}"}`))
    })
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    expect(response.statusText).toBe('bad [redacted]')
    expect(response.headers.get('x-fal-error-type')).toBe('bad [redacted]')
    expect(await response.text()).toBe('{"detail":"[redacted] and [redacted]"}')
  })
})

describe('an answer nobody reads', () => {
  it('is not read from fal either', async () => {
    let produced = 0
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(++produced)) },
      { highWaterMark: 0 },
    )
    const send = (): Promise<Response> => Promise.resolve(new Response(body))
    const handler = createFalProxy({ credentials: fakeKey, allowAnonymous: true, fetch: send })
    const response = await handler(request(streamTarget, post(input)))
    await settled()
    expect(produced).toBe(0)
    await response.body?.getReader().read()
    expect(produced).toBe(1)
  })

  it('stops fal when it is put away', async () => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    const handler = createFalProxy({ credentials: fakeKey, allowAnonymous: true, baseUrl: fal.url })
    const response = await handler(request(streamTarget, post(input)))
    await response.body?.cancel()
    expect(await fal.seen[0]?.closed).toBeGreaterThan(0)
  })
})

describe('a fal that fails', () => {
  it.each([301, 302, 303, 307, 308])(
    'with a redirect (%i) is a 502, and nothing follows it',
    async (status) => {
      const elsewhere = await startScriptedFal((response) => json(response, 200, { stolen: true }))
      const fal = await startScriptedFal((response) =>
        response.writeHead(status, { location: elsewhere.url }).end(),
      )
      const { call } = await startProxy(fal)
      const response = await call(runTarget, post(input))
      expect(response.status).toBe(502)
      expect(response.headers.has('location')).toBe(false)
      expect(elsewhere.seen).toHaveLength(0)
    },
  )

  it('by refusing the connection is a 503: the call was not sent and may be repeated', async () => {
    const onError = vi.fn<(error: unknown, stage: string) => void>()
    const { call } = await startProxy({ url: await freedAddress() }, { onError })
    const response = await call(runTarget, post(input))
    expect(response.status).toBe(503)
    expect(onError.mock.calls[0]?.[1]).toBe('fal')
  })

  it('by a reset before its answer is a 502: the call may have been accepted', async () => {
    const fal = await startScriptedFal((response) => response.socket?.resetAndDestroy())
    const { call } = await startProxy(fal)
    const response = await call(runTarget, post(input))
    expect(response.status).toBe(502)
    expect(await detailOf(response)).toMatch(/may have been accepted/)
    expect(fal.seen).toHaveLength(1)
  })

  it('by silence is a 504', async () => {
    const fal = await startScriptedFal(() => {})
    const { call } = await startProxy(fal, { idleTimeoutMs: 40 })
    const response = await call(runTarget, post(input))
    expect(response.status).toBe(504)
    await fal.seen[0]?.closed
  })

  it.each(['reset', 'silence'] as const)(
    'by %s in the middle shows as a broken answer',
    async (how) => {
      const fal = await startScriptedFal((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"output":"He","partial":true}\n\n')
        if (how === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 10)
      })
      const { call } = await startProxy(fal, { idleTimeoutMs: 60 })
      const response = await call(streamTarget, post(input))
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
    },
  )

  it('by silence is noticed even when fetch ignores its signal, and does not look like the end', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    })
    const send = (): Promise<Response> => Promise.resolve(new Response(body))
    const options = { credentials: fakeKey, allowAnonymous: true, fetch: send, idleTimeoutMs: 20 }
    const response = await createFalProxy(options)(request(streamTarget, post(input)))
    await expect(response.text()).rejects.toThrow(/broke off/)
  })

  const cutAfter = (length: number): Promise<ScriptedFal> =>
    startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': length })
      response.write('{"output":')
      setTimeout(() => response.socket?.end(), 10)
    })

  it('by a short body shorter than its content-length is a 502', async () => {
    const { call } = await startProxy(await cutAfter(100))
    const response = await call(runTarget, post(input))
    expect([response.status, await detailOf(response)]).toEqual([
      502,
      expect.stringMatching(/broke/),
    ])
  })

  it('by a long body shorter than its content-length shows as a broken answer', async () => {
    const { call } = await startProxy(await cutAfter(100_000))
    const response = await call(runTarget, post(input))
    await expect(response.text()).rejects.toThrow()
  })

  it('by a short body that stops is a 504', async () => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"output":')
    })
    const { call } = await startProxy(fal, { idleTimeoutMs: 40 })
    expect((await call(runTarget, post(input))).status).toBe(504)
    await fal.seen[0]?.closed
  })
})

describe('a stream of known length', () => {
  it('passes event by event all the same', async () => {
    const event = 'data: {"output":"Hi"}\n\n'
    let finish: () => void = () => {}
    const fal = await startScriptedFal((response) => {
      const headers = { 'content-type': 'text/event-stream', 'content-length': 2 * event.length }
      response.writeHead(200, headers).write(event)
      finish = () => response.end(event)
    })
    const { call } = await startProxy(fal)
    const reader = (await call(streamTarget, post(input))).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(event)
    finish()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(event)
  })
})
