// fal's streams, in a process of its own. The prompt says what to write.

import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { listen, serve } from '../harness/processes.ts'
import { machineMs, sleep } from '../harness/rounds.ts'
import { wireFor } from './wire.ts'
import type { Wire, WireKind } from './wire.ts'

/** What is asked for, as JSON in the prompt. */
export interface Wanted {
  readonly kind: WireKind
  readonly tokens: number
  /** Milliseconds between two events; 0: as fast as the socket takes them. */
  readonly everyMs: number
}

/** When each event of the last slow stream was written, by `machineMs`. */
let sentAt: number[] = []

const server = createServer(async (request, response) => {
  if (request.url === '/sent') return response.end(JSON.stringify(sentAt))
  // Our own readers sent it.
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
    readonly prompt?: string
    readonly messages?: readonly { readonly content: string }[]
  }
  const wanted = JSON.parse(body.prompt ?? body.messages?.[0]?.content ?? '') as Wanted
  const wire = wireFor(wanted.kind, wanted.tokens)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (wanted.everyMs > 0) await writeSlowly(response, wire, wanted.everyMs)
  else await writeAll(response, wire)
  return response.end()
})

async function writeAll(response: ServerResponse, wire: Wire): Promise<void> {
  let resume = (): void => {}
  response.on('drain', () => resume()).on('close', () => resume())
  for (let index = 0; index < wire.events && !response.destroyed; index++) {
    // A copy: the socket keeps what it could not send yet, and the wire uses its buffers again.
    const isTaken = response.write(Buffer.from(wire.frame(index)))
    if (!isTaken) await new Promise<void>((done) => (resume = done))
  }
}

async function writeSlowly(response: ServerResponse, wire: Wire, everyMs: number): Promise<void> {
  sentAt = []
  const startedAt = performance.now()
  while (sentAt.length < wire.events && !response.destroyed) {
    const due = Math.floor((performance.now() - startedAt) / everyMs)
    while (sentAt.length < Math.min(due, wire.events)) {
      const frame = Buffer.from(wire.frame(sentAt.length))
      sentAt.push(machineMs())
      response.write(frame)
    }
    await sleep(everyMs)
  }
}

const url = await listen(server)
serve(() => url)
