import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Resolves when the client's connection is gone. */
  readonly closed: Promise<void>
}

/** What the server does with an answer, byte by byte. */
export interface Answer {
  /** Sends the head. Default: 200, text/event-stream, `x-fal-request-id: request-1`. */
  head(status?: number, headers?: Readonly<Record<string, string>>): Answer
  /** Sends bytes at once; a string is UTF-8. */
  write(bytes: string | Uint8Array): Answer
  /** Ends the answer as HTTP ends it. */
  end(): void
  /** Cuts the connection with a reset. */
  reset(): void
}

/** A server on port 0 whose every answer is scripted. */
export interface ByteServer {
  /** http://127.0.0.1:PORT */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Resolves with the n-th request (from 1) once it has arrived. */
  request(count: number): Promise<ReceivedRequest>
  close(): Promise<void>
}

/** Starts a server that answers as `script` does; it is called for each request, numbered from 1. */
export async function startByteServer(
  script: (answer: Answer, request: ReceivedRequest, count: number) => void | Promise<void>,
): Promise<ByteServer> {
  const requests: ReceivedRequest[] = []
  const waiters = new Set<() => void>()
  const sockets = new Set<Socket>()
  const server = createServer(async (incoming, outgoing) => {
    const request = await receive(incoming)
    requests.push(request)
    for (const resume of waiters) resume()
    await script(createAnswer(outgoing), request, requests.length)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    // Every request on a kept-alive socket listens for its end.
    socket.setMaxListeners(0)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async request(count) {
      for (;;) {
        const known = requests[count - 1]
        if (known) return known
        await new Promise<void>((resolve) => {
          const resume = (): void => {
            waiters.delete(resume)
            resolve()
          }
          waiters.add(resume)
        })
      }
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array)
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
    closed: new Promise((resolve) => incoming.socket.once('close', () => resolve())),
  }
}

function createAnswer(outgoing: ServerResponse): Answer {
  const answer: Answer = {
    head(status = 200, headers = { 'content-type': 'text/event-stream' }) {
      outgoing.writeHead(status, { 'x-fal-request-id': 'request-1', ...headers })
      outgoing.flushHeaders()
      return answer
    },
    write(bytes) {
      outgoing.write(bytes)
      return answer
    },
    end: () => void outgoing.end(),
    reset: () => void outgoing.socket?.resetAndDestroy(),
  }
  return answer
}
