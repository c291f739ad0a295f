import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect, it, vi } from 'vitest'
import { listen } from '../test/scripted-fal.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { toNodeHandler } from './node.ts'

const serve = (handler: FetchHandler): Promise<string> =>
  listen(createServer(toNodeHandler(handler)))

/** Sends bytes as they are and returns everything that comes back until the server closes. */
function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.on('data', (data) => (answer += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

it('passes method, URL, headers and body on, and status, headers and body back', async () => {
  const url = await serve(async (request) => {
    const body = `${request.method} ${new URL(request.url).pathname} ${request.headers.get('x-a')} ${await request.text()}`
    return new Response(body, {
      status: 418,
      statusText: 'Short and stout',
      headers: [
        ['x-b', '1'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
  })
  const response = await fetch(`${url}/tea`, {
    method: 'PUT',
    headers: { 'x-a': 'é' },
    body: 'héllo',
  })
  expect([response.status, response.statusText]).toEqual([418, 'Short and stout'])
  expect(response.headers.get('x-b')).toBe('1')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe('PUT /tea é héllo')
})

it('passes each piece on when it comes, and the head of a stream before the first', async () => {
  let pieces: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (pieces = controller) })
  const headers = { 'content-type': 'text/event-stream' }
  const url = await serve(() => Promise.resolve(new Response(body, { headers })))
  const response = await fetch(url)
  const reader = response.body?.getReader()
  for (const piece of ['data: 1\n\n', 'data: 2\n\n']) {
    pieces?.enqueue(new TextEncoder().encode(piece))
    const read = await reader?.read()
    expect(new TextDecoder().decode(read?.value)).toBe(piece)
  }
  pieces?.close()
  expect(await reader?.read()).toMatchObject({ done: true })
})

it('reads no further than the caller does', async () => {
  let produced = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        produced += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    },
    { highWaterMark: 0 },
  )
  const url = await serve(() => Promise.resolve(new Response(body)))
  const stopped = await new Promise<IncomingMessage>((resolve) => {
    httpRequest(url, { agent: false }, resolve).end()
  })
  stopped.pause()
  let before = -1
  await vi.waitUntil(() => before === (before = produced), { interval: 100 })
  // What the kernel's socket buffers hold, not what could be produced.
  expect(produced).toBeLessThan(16 * 1_048_576)
  stopped.destroy()
})

it.each(['before its head', 'in the middle'])(
  'tells the handler that the caller left %s',
  async (when) => {
    let arrived: (() => void) | undefined
    const reached = new Promise<void>((resolve) => (arrived = resolve))
    let aborted: (() => void) | undefined
    const noticed = new Promise<void>((resolve) => (aborted = resolve))
    const cancelled = vi.fn<() => void>()
    const url = await serve((request) => {
      request.signal.addEventListener('abort', () => aborted?.())
      arrived?.()
      if (when === 'before its head') return new Promise(() => {})
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: cancelled,
      })
      return Promise.resolve(new Response(body))
    })
    const caller = new AbortController()
    const call = fetch(url, { signal: caller.signal }).catch(() => {})
    await (when === 'before its head' ? reached : call)
    caller.abort()
    await noticed
    if (when === 'in the middle') await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce())
  },
)

it('cuts the connection when an answer breaks off, so that it cannot look whole', async () => {
  const url = await serve(() => {
    let sent = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) return controller.error(new Error('broken'))
        sent = true
        controller.enqueue(new Uint8Array(10))
      },
    })
    return Promise.resolve(new Response(body))
  })
  const read = fetch(url).then((response) => response.arrayBuffer())
  await expect(read).rejects.toThrow()
})

it('sends what was read before it cuts the connection of an answer that broke off', async () => {
  const headers = { 'content-type': 'text/event-stream' }
  const url = await serve(() => {
    let sent = false
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent) return controller.error(new Error('broken'))
          sent = true
          controller.enqueue(new TextEncoder().encode('data: words\n\n'))
        },
      },
      { highWaterMark: 0 },
    )
    return Promise.resolve(new Response(body, { headers }))
  })
  const reader = (await fetch(url)).body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: words\n\n')
  await expect(reader?.read()).rejects.toThrow()
})

const misbehaved: [string, () => unknown][] = [
  ['rejects', () => Promise.reject(new Error('secret'))],
  ['answers with nothing', () => Promise.resolve()],
  [
    'answers with a status Node cannot write',
    () => ({ status: 99, headers: new Headers({ 'x-a': '1' }) }),
  ],
  [
    'throws',
    () => {
      throw new Error('secret')
    },
  ],
]

it.each(misbehaved)('answers 500 without a reason when the handler %s', async (_what, run) => {
  // A handler in plain JavaScript can return anything.
  const url = await serve(run as unknown as FetchHandler)
  const response = await fetch(url)
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
})

it.each([
  ['a path that is no URL', 'GET //[ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n'],
  ['a host with a path', 'GET / HTTP/1.1\r\nhost: [::bad\r\nconnection: close\r\n\r\n'],
  ['a method fetch forbids', 'TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
  ],
  [
    'a header with a line break inside',
    'GET / HTTP/1.1\r\nhost: a\r\nx: a\n b\r\nconnection: close\r\n\r\n',
  ],
  ['a null byte in a header', 'GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\nconnection: close\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\r\n\r\n'],
])('answers a request with %s and goes on serving', async (_what, bytes) => {
  const url = await serve(() => Promise.resolve(new Response('served')))
  const answer = await sendRaw(url, bytes)
  expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /)
  expect(await (await fetch(url)).text()).toBe('served')
})

it('takes a body that a parser has read before it', async () => {
  const handler = toNodeHandler(async (request) => new Response(await request.text()))
  const url = await listen(
    createServer(async (incoming, outgoing) => {
      const chunks = await incoming.toArray()
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
      await handler(Object.assign(incoming, { body }), outgoing)
    }),
  )
  const response = await fetch(url, { method: 'POST', body: '{ "a": 1 }' })
  expect(await response.text()).toBe('{"a":1}')
})

it('prefers the raw bytes a parser kept', async () => {
  const handler = toNodeHandler(async (request) => new Response(await request.text()))
  const url = await listen(
    createServer(async (incoming, outgoing) => {
      const rawBody = Buffer.concat(await incoming.toArray())
      await handler(Object.assign(incoming, { body: { a: 1 }, rawBody }), outgoing)
    }),
  )
  const response = await fetch(url, { method: 'POST', body: '{ "a": 1 }' })
  expect(await response.text()).toBe('{ "a": 1 }')
})

it('closes the connection of a sender whose body nobody reads', async () => {
  const handler = toNodeHandler(() => Promise.resolve(new Response('no', { status: 413 })), {
    lingerMs: 30,
  })
  const url = await listen(createServer(handler))
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nonly this'
  expect(await sendRaw(url, head)).toMatch(/^HTTP\/1\.1 413 /)
})

it.each(['request', 'response'])('outlives an error event of the %s', async (side) => {
  const handler = toNodeHandler(() => Promise.resolve(new Response('served')))
  const url = await listen(
    createServer((incoming, outgoing) => {
      void handler(incoming, outgoing)
      const stream = side === 'request' ? incoming : outgoing
      stream.emit('error', new Error('write after end'))
    }),
  )
  // What becomes of this one call is open; the next one is served.
  await fetch(url).catch(() => {})
  expect(await listeningAt(url)).toBe(true)
})

/** Whether a server still accepts connections. */
function listeningAt(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
