// fal's streams, in a process of its own. The prompt says what to write: kind, tokens and milliseconds between them.

import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '../harness/serve.ts'
import { wireFor } from './wire.ts'
import type { Wire, WireKind } from './wire.ts'

/** What is asked for, as a prompt. */
export interface Wanted {
  readonly kind: WireKind
  readonly tokens: number
  /** 0: as fast as it goes. */
  readonly everyMs: number
}

/** When each event of the last slow stream was written, milliseconds of the machine's clock. */
let sentAt: number[] = []

const server = createServer(async (request, response) => {
  if (request.url === '/sent') return response.end(JSON.stringify(sentAt))
  const { kind, tokens, everyMs } = await readPrompt(request)
  const wire = wireFor(kind, tokens)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (everyMs > 0) await writeSlowly(response, wire, everyMs)
  else await writeAll(response, wire)
  return response.end()
})

async function readPrompt(request: AsyncIterable<Uint8Array>): Promise<Wanted> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  // Our own readers sent it.
  const body = JSON.parse(Buffer.concat(chunks).toString()) as {
    readonly prompt?: string
    readonly messages?: readonly { readonly content: string }[]
  }
  return JSON.parse(body.prompt ?? body.messages?.[0]?.content ?? '') as Wanted
}

async function writeAll(response: ServerResponse, wire: Wire): Promise<void> {
  let drained = (): void => {}
  response.on('drain', () => drained())
  response.on('close', () => drained())
  for (let index = 0; index < wire.events && !response.destroyed; index++) {
    // The socket keeps what it could not send yet, and the wire uses its buffers again.
    const isTaken = response.write(Buffer.from(wire.frame(index)))
    if (!isTaken) await new Promise<void>((resume) => (drained = resume))
  }
}

async function writeSlowly(response: ServerResponse, wire: Wire, everyMs: number): Promise<void> {
  sentAt = []
  const startedAt = performance.now()
  while (sentAt.length < wire.events && !response.destroyed) {
    const due = Math.floor((performance.now() - startedAt) / everyMs)
    while (sentAt.length < Math.min(due, wire.events)) {
      const frame = Buffer.from(wire.frame(sentAt.length))
      sentAt.push(performance.timeOrigin + performance.now())
      response.write(frame)
    }
    await new Promise((done) => setTimeout(done, everyMs))
  }
}

await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
// A listening TCP server has an address with a port.
const { port } = server.address() as AddressInfo
serve(() => `http://127.0.0.1:${port}`)
