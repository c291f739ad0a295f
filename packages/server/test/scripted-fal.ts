import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string
  /** With the host as its first segment, as a base URL maps it. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Resolves with the time (performance.now) the connection of this request closed. */
  readonly closed: Promise<number>
}

/** A server that answers as a test scripts it, and remembers its requests. */
export interface ScriptedFal {
  readonly url: string
  readonly seen: SeenRequest[]
}

/** Answers one request whose body has been read. */
export type Script = (response: ServerResponse, request: SeenRequest) => unknown

/** Listens on port 0 until the test is over. */
export async function startScriptedFal(script: Script): Promise<ScriptedFal> {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    const closed = new Promise<number>((resolve) => {
      response.on('close', () => resolve(performance.now()))
    })
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
        closed,
      }
      seen.push(request)
      script(response, request)
    })
  })
  return { url: await listen(server), seen }
}

/** Starts a server on port 0 and stops it, connections included, when the test is over. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  // A listening TCP server has an address object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
