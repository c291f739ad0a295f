// One end of the proxy's table in a process of its own: a scripted fal, or what stands between it and the client.

import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createAdaptorServer } from '@hono/node-server'
import { createFalProxy, createMemoryRateLimit } from '@fal-llm/server'
import { toHonoHandler } from '@fal-llm/server/hono'
import { toNodeHandler } from '@fal-llm/server/node'
import { Hono } from 'hono'
import type { Handler } from 'hono'
import { listen, serve } from '../harness/processes.ts'
import { cpuMs, machineMs, sleep } from '../harness/rounds.ts'
import { answer, eventOf, proxyPath, toFal } from './wire.ts'
import type { WantedStream } from './wire.ts'

/** What a process is. */
export type Role =
  | 'fal'
  | 'bare fetch'
  | 'ours, node:http'
  | 'ours, Hono'
  | '@fal-ai/server-proxy, Hono'

/** What a process is asked: to begin, then what it has used. */
export type MiddleQuestion =
  | {
      readonly ask: 'start'
      readonly role: Role
      readonly fal: string
      /** The folder of the peer, which is not in the workspace. */
      readonly peers: string
    }
  | { readonly ask: 'usage' }

/** What a process has used. */
export interface MiddleUsage {
  readonly cpuMs: number
  readonly rssMb: number
}

const key = 'bench-key-id:bench-key-secret-of-no-use'

/** fal: answers a run at once, and a stream as its body asks. */
async function answerAsFal(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString()
  if (!request.url?.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    return
  }
  // Only the client of this table calls it.
  const { events, everyMs, stamped = false } = JSON.parse(body) as WantedStream
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let index = 1; index <= events; index++) {
    const event = stamped ? `data: ${machineMs()}\n\n` : eventOf(index, events)
    const isTaken = response.write(event)
    if (everyMs > 0) await sleep(everyMs)
    else if (!isTaken) await new Promise((done) => response.once('drain', done))
  }
  response.end()
}

/** The least that could do the job: no checks, the key added, the body handed on. */
function passOn(fal: string) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const upstream = await fetch(toFal(fal, String(request.headers['x-fal-target-url'])), {
      method: request.method ?? 'POST',
      headers: { 'content-type': 'application/json', authorization: `Key ${key}` },
      body: Buffer.concat(await request.toArray()),
      signal: gone.signal,
    })
    const type = upstream.headers.get('content-type') ?? ''
    response.writeHead(upstream.status, { 'content-type': type })
    // Node's own ReadableStream, under the name the DOM has for it.
    Readable.fromWeb(upstream.body as ReadableStream).pipe(response)
  }
}

function createOurs(baseUrl: string) {
  return createFalProxy({
    credentials: key,
    allowAnonymous: true,
    baseUrl,
    // It counts as by default, but the one caller here is never over its limit; each call is reported with its usage.
    limit: createMemoryRateLimit({ limit: 1_000_000 }),
    maxInFlight: 1_000,
    onFinished: () => {},
  })
}

function onHono(handler: Handler): Server {
  // Without HTTP/2 it is a server of node:http.
  return createAdaptorServer(new Hono().all(proxyPath, handler)) as Server
}

function createPeer(fal: string, peers: string): Handler {
  const direct = globalThis.fetch
  globalThis.fetch = (url, init) => direct(toFal(fal, String(url)), init)
  // The peer's own door for Hono; its types are not in the workspace.
  const { createRouteHandler } = createRequire(`${peers}/package.json`)(
    '@fal-ai/server-proxy/hono',
  ) as { createRouteHandler(options: object): Handler }
  return createRouteHandler({ resolveFalAuth: () => Promise.resolve(`Key ${key}`) })
}

type Create = (fal: string, peers: string) => Server

const servers: Readonly<Record<Role, Create>> = {
  fal: () => createServer(answerAsFal),
  'bare fetch': (fal) => createServer(passOn(fal)),
  'ours, node:http': (fal) => createServer(toNodeHandler(createOurs(fal))),
  'ours, Hono': (fal) => onHono(toHonoHandler(createOurs(fal))),
  '@fal-ai/server-proxy, Hono': (fal, peers) => onHono(createPeer(fal, peers)),
}

serve<MiddleQuestion>((question): Promise<string> | MiddleUsage => {
  if (question.ask === 'usage') {
    return { cpuMs: cpuMs(), rssMb: process.memoryUsage().rss / 1_048_576 }
  }
  const { role, fal, peers } = question
  return listen(servers[role](fal, peers))
})
