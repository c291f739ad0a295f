import { tracingChannel } from 'node:diagnostics_channel'
import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { json, listen, startScriptedFal } from '../../test/scripted-fal.ts'
import {
  answer,
  callProxy,
  closedProxy,
  detailOf,
  failing,
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
import type { FalProxyOptions, FinishedCall, ProxyCall, ProxyTrace } from '../index.ts'
import { toNodeHandler } from '../node.ts'

const usage = { prompt_tokens: 40, completion_tokens: 227, total_tokens: 267, cost: 0.0005795 }
const reported = {
  usage: { promptTokens: 40, completionTokens: 227, totalTokens: 267 },
  costUsd: 0.0005795,
}
const initiateTarget = 'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3'

describe('onFinished', () => {
  /** The calls of the host's functions, in order. */
  const collect = (
    options: FalProxyOptions = {},
  ): { calls: FinishedCall[]; options: FalProxyOptions } => {
    const calls: FinishedCall[] = []
    const authorize = (): { userId: string } => ({ userId: 'ann' })
    const onFinished = (call: FinishedCall): void => void calls.push(call)
    return { calls, options: { authorize, onFinished, ...options } }
  }
  const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`

  it('gets who called what, and what it cost, of a run', async () => {
    const fal = await startScriptedFal((response) => {
      response.setHeader('x-fal-request-id', 'R1')
      json(response, 200, { ...answer, usage })
    })
    const { calls, options } = collect()
    const { call } = await startProxy(fal, options)
    const text = await (await call(runTarget, post(input))).text()
    expect(calls).toEqual([
      {
        request: expect.any(Request),
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        address: '127.0.0.1',
        userId: 'ann',
        action: 'run',
        endpoint: 'openrouter/router',
        model: input.model,
        requestId: 'R1',
        status: 200,
        ms: expect.any(Number),
        bytes: text.length,
        outcome: 'done',
        ...reported,
      },
    ])
    expect(calls[0]?.ms).toBeGreaterThan(0)
  })

  it('is called when a stream is over, its usage read as it passed and no event held up', async () => {
    let finish: () => void = () => {}
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const last = event({ output: 'Hi', partial: false, usage })
      // Cut inside what is looked for.
      response.write(event({ output: 'H' }) + last.slice(0, last.indexOf('usage') + 3))
      finish = () => response.end(last.slice(last.indexOf('usage') + 3))
    })
    const { calls, options } = collect()
    const { call } = await startProxy(fal, options)
    const reader = (await call(streamTarget, post(input))).body?.getReader()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value)).toMatch(/"us$|"usa$|"$/)
    expect(calls).toEqual([])
    finish()
    while (!(await reader?.read())?.done);
    expect(calls).toMatchObject([{ action: 'stream', outcome: 'done', ...reported }])
  })

  it('gets a job when it is submitted, and its cost with its result', async () => {
    const fal = await startScriptedFal((response, { path }) =>
      json(response, 200, path.endsWith('/R1') ? { ...answer, usage } : { request_id: 'R1' }),
    )
    const { calls, options } = collect()
    const { call } = await startProxy(fal, options)
    const submitted = await call(submitTarget, post(input))
    // fal's answer to a submit names the job.
    const { request_id: id } = (await submitted.json()) as { request_id: string }
    await (await call(`${submitTarget}/requests/${id}/status`)).text()
    await (await call(`${submitTarget}/requests/${id}`)).text()
    await call(`${submitTarget}/requests/${id}/cancel`, { method: 'PUT' })
    const job = { requestId: 'R1', endpoint: 'openrouter/router', userId: 'ann', outcome: 'done' }
    expect(calls).toMatchObject([
      { ...job, action: 'submit', model: input.model, usage: undefined },
      { ...job, action: 'status', usage: undefined },
      { ...job, action: 'result', ...reported },
      { ...job, action: 'cancel' },
    ])
  })

  it.each<[string, number, FalProxyOptions, string]>([
    ['refused', 401, { authorize: () => false }, runTarget],
    ['refused', 412, {}, 'https://evil.example/'],
    ['refused', 429, { limit: () => false }, runTarget],
    ['error', 500, { authorize: failing('x') }, runTarget],
    ['error', 422, {}, runTarget],
    ['error', 502, {}, streamTarget],
  ])('gets that a call was %s with %i', async (outcome, status, more, target) => {
    const fal = await startScriptedFal((response, { path }) =>
      path.endsWith('/stream')
        ? response.socket?.resetAndDestroy()
        : json(response, 422, { detail: '' }),
    )
    const { calls, options } = collect(more)
    const { call } = await startProxy(fal, options)
    expect((await call(target, post(input))).status).toBe(status)
    expect(calls).toMatchObject([{ outcome, status }])
  })

  it.each(['stopped', 'interrupted'] as const)('gets that a stream was %s', async (outcome) => {
    let cut: () => void = () => {}
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event({ output: 'H' }))
      cut = () => response.socket?.resetAndDestroy()
    })
    const { calls, options } = collect()
    const { call } = await startProxy(fal, options)
    const caller = new AbortController()
    const response = await call(streamTarget, { ...post(input), signal: caller.signal })
    await response.body?.getReader().read()
    if (outcome === 'stopped') caller.abort()
    else cut()
    await vi.waitFor(() => expect(calls).toMatchObject([{ outcome, status: 200 }]))
  })

  it('keeps no answer back, and its failure is reported', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const never = await startProxy(fal, { onFinished: () => new Promise(() => {}) })
    expect(await (await never.call(runTarget, post(input))).json()).toEqual(answer)
    const stages: string[] = []
    const onError = (_error: unknown, stage: string): void => void stages.push(stage)
    const broken = await startProxy(fal, { onFinished: failing('disk full'), onError })
    expect(await (await broken.call(runTarget, post(input))).json()).toEqual(answer)
    await vi.waitFor(() => expect(stages).toEqual(['onFinished']))
  })

  it('is handed to waitUntil', async () => {
    const kept: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => void kept.push(work)
    const { options } = collect({ waitUntil })
    await closedProxy({ ...options, authorize: () => false })(request(runTarget, post(input)))
    expect(kept).toHaveLength(1)
    await Promise.all(kept)
  })
})

describe('onError', () => {
  it('gets the call that failed', async () => {
    const calls: ProxyCall[] = []
    const onError = (_error: unknown, _stage: string, call: ProxyCall): void =>
      void calls.push(call)
    const authorize = (): { userId: string } => ({ userId: 'ann' })
    const failed = { authorize, onRequest: failing('mine'), onError }
    const headers = { 'x-request-id': 'trace-7' }
    await closedProxy(failed)(request(streamTarget, post(input, headers)))
    expect(calls).toMatchObject([
      { correlationId: 'trace-7', userId: 'ann', action: 'stream', endpoint: 'openrouter/router' },
    ])
    expect(calls[0]?.request).toBeInstanceOf(Request)
  })
})

describe('x-request-id', () => {
  it.each([
    ['is made where there is none', undefined, /^[0-9a-f-]{36}$/],
    ['is taken from the caller', 'req_7f3.a:b/c', /^req_7f3\.a:b\/c$/],
    ['is made anew where it could forge a line of a log', 'a"b', /^[0-9a-f-]{36}$/],
    ['is made anew where it is too long', 'a'.repeat(129), /^[0-9a-f-]{36}$/],
  ])('%s', async (_what, given, expected) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given }
    const response = await closedProxy()(request('https://evil.example/', { headers }))
    expect(response.headers.get('x-request-id')).toMatch(expected)
  })

  it('is in every answer: of fal, of the proxy, and of the host, whose headers may be fixed', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal)
    const redirect = closedProxy({ authorize: () => Response.redirect('https://app.example/') })
    const answers = [
      await call(runTarget, post(input)),
      await call(runTarget),
      await call(submitTarget, { ...post(input), body: '' }),
      await redirect(request(runTarget, post(input))),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 405, 400, 302])
    for (const { headers } of answers) expect(headers.get('x-request-id')).toBeTruthy()
  })
})

describe('the tracing channel', () => {
  it('spans a call from its start to the end of its answer, in a context of its own', async () => {
    const channel = tracingChannel<ProxyTrace>('fal-llm.proxy')
    const spans = new Map<object, string[]>()
    const context = new AsyncLocalStorage<ProxyTrace>()
    const note = (name: string) => (trace: unknown) => {
      // The channel hands the same object to each of its events.
      const key = trace as ProxyTrace
      spans.set(key, [...(spans.get(key) ?? []), name])
    }
    const listener = {
      start: note('start'),
      asyncEnd: note('asyncEnd'),
      error: note('error'),
      end() {},
      asyncStart() {},
    }
    channel.subscribe(listener)
    channel.start.bindStore(context)
    onTestFinished(() => {
      channel.unsubscribe(listener)
      channel.start.unbindStore(context)
    })
    const fal = await startScriptedFal((response) => json(response, 200, { ...answer, usage }))
    const inside: unknown[] = []
    const onRequest = (): void => void inside.push(context.getStore()?.call.userId)
    const { call } = await startProxy(fal, { authorize: () => ({ userId: 'ann' }), onRequest })
    await (await call(runTarget, post(input))).text()
    const down = await startProxy({ url: 'http://127.0.0.1:1' })
    await down.call(runTarget, post(input))
    expect([...spans.values()]).toEqual([
      ['start', 'asyncEnd'],
      ['start', 'error', 'asyncEnd'],
    ])
    const [first, second] = [...spans.keys()] as ProxyTrace[]
    expect(first).toMatchObject({ call: { userId: 'ann' }, finished: reported })
    expect(second).toMatchObject({ finished: { outcome: 'error' } })
    expect(inside).toEqual(['ann'])
  })
})

describe('drain', () => {
  const startDraining = async (options: FalProxyOptions = {}) => {
    let end: () => void = () => {}
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      end = () => response.end('data: 2\n\n')
    })
    const proxy = createFalProxy({
      credentials: fakeKey,
      allowAnonymous: true,
      baseUrl: fal.url,
      ...options,
    })
    const url = await listen(createServer(toNodeHandler(proxy)))
    const health = async (): Promise<[number, unknown]> => {
      const response = await proxy.health(new Request('http://localhost/health'))
      return [response.status, await response.json()]
    }
    return { fal, proxy, url, health, end: () => end() }
  }

  it('lets the open calls end, refuses new ones with 503, and shows load balancers that it drains', async () => {
    const { proxy, url, health, end } = await startDraining()
    expect(await health()).toEqual([200, { status: 'ok' }])
    const open = await callProxy(url, streamTarget, post(input))
    const drained = proxy.drain()
    const refused = await callProxy(url, streamTarget, post(input))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await detailOf(refused)).toMatch(/not sent/)
    expect(await health()).toEqual([503, { status: 'draining' }])
    end()
    expect(await open.text()).toBe('data: 1\n\ndata: 2\n\n')
    expect(await drained).toBe(0)
  })

  it('breaks off what is open when the time is up, so that it does not look whole', async () => {
    const { fal, proxy, url } = await startDraining()
    const open = await callProxy(url, streamTarget, post(input))
    expect(await proxy.drain({ timeoutMs: 20 })).toBe(1)
    await expect(open.text()).rejects.toThrow()
    await fal.seen[0]?.closed
  })

  it('is over at once when nothing is open', async () => {
    const { proxy } = await startDraining()
    expect(await proxy.drain()).toBe(0)
  })
})

describe('allowedOrigins', () => {
  const app = 'https://app.example'
  const allowed = closedProxy({ allowedOrigins: [app] })
  const preflight = (origin: string, headers = 'x-fal-target-url,x-session'): Request =>
    new Request('http://localhost/', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      },
    })

  it('answers the preflights of the pages on the list, and lets them read what they need', async () => {
    const asked = await allowed(preflight(app))
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(app)
    expect(asked.headers.get('access-control-allow-headers')).toBe('x-fal-target-url,x-session')
    const fal = await startScriptedFal((response) => json(response, 200, answer))
    const { call } = await startProxy(fal, { allowedOrigins: [app] })
    const response = await call(runTarget, post(input, { origin: app }))
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(app)
    expect(response.headers.get('access-control-expose-headers')).toMatch(/x-fal-request-id/)
    expect(response.headers.get('vary')).toBe('origin')
  })

  it.each(['https://evil.example', 'http://app.example', 'https://app.example.evil.org', 'null'])(
    'refuses %s before authorize is called',
    async (origin) => {
      const authorize = vi.fn<() => boolean>()
      const proxy = closedProxy({ allowedOrigins: [app], authorize })
      for (const got of [preflight(origin), request(runTarget, post(input, { origin }))]) {
        const response = await proxy(got)
        expect(response.status).toBe(403)
        expect(response.headers.has('access-control-allow-origin')).toBe(false)
      }
      expect(authorize).not.toHaveBeenCalled()
    },
  )

  it('lets calls without an origin pass, as servers make them', async () => {
    expect((await allowed(request('https://evil.example/'))).status).toBe(412)
  })

  it('echoes no list of headers that is none', async () => {
    const { headers } = await allowed(preflight(app, 'a b;c'))
    expect(headers.get('access-control-allow-headers')).toMatch(/^accept, authorization/)
  })

  it('without it no other page may read anything', async () => {
    const response = await closedProxy()(preflight(app))
    expect(response.status).toBe(405)
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
  })

  it.each(['*', 'app.example', 'https://app.example/', 'https://app.example/a', ''])(
    'of %j is refused at the start',
    (origin) => {
      expect(() => createFalProxy({ allowedOrigins: [origin] })).toThrow(/no origin/)
    },
  )
})

describe('onUpload', () => {
  const file = { content_type: 'Image/PNG; a=b', file_name: 'a.png', file_size: 10, extra: 1 }

  it('sees the file, and what it saw is what is sent', async () => {
    const seen: unknown[] = []
    const fal = await startScriptedFal((response) => json(response, 200, {}))
    const { call } = await startProxy(fal, {
      onUpload: ({ contentType, fileName, sizeBytes, isMultipart, address }) =>
        void seen.push([contentType, fileName, sizeBytes, isMultipart, address]),
    })
    expect((await call(initiateTarget, post(file))).status).toBe(200)
    const parts = initiateTarget.replace('initiate', 'initiate-multipart')
    await call(parts, post({ content_type: 'a/b', file_name: 'b' }))
    expect(seen).toEqual([
      ['image/png', 'a.png', 10, false, '127.0.0.1'],
      ['a/b', 'b', undefined, true, '127.0.0.1'],
    ])
    expect(fal.seen[0]?.body).toBe('{"content_type":"image/png","file_name":"a.png"}')
  })

  it('refuses by type or size', async () => {
    const onUpload = ({
      contentType,
      sizeBytes = 0,
    }: {
      contentType: string
      sizeBytes?: number | undefined
    }) =>
      contentType.startsWith('image/') && sizeBytes < 5
        ? undefined
        : Response.json({ detail: 'Small images only' }, { status: 415 })
    const proxy = closedProxy({ onUpload })
    expect((await proxy(request(initiateTarget, post(file)))).status).toBe(415)
  })

  it.each([
    { content_type: 'text', file_name: 'a' },
    { content_type: 'text/html\r\nx: y', file_name: 'a' },
    { file_name: 'a' },
    { content_type: 'text/plain', file_name: '' },
    { content_type: 'text/plain', file_name: 5 },
    { content_type: 'text/plain', file_name: 'a', file_size: -1 },
  ])('is not called for %j: no upload starts so', async (body) => {
    const onUpload = vi.fn<() => void>()
    const response = await closedProxy({ onUpload })(request(initiateTarget, post(body)))
    expect(response.status).toBe(400)
    expect(onUpload).not.toHaveBeenCalled()
  })
})
