// Records exchanges as they cross the wire, and answers with recorded ones.

import type { Clock } from '../clock.ts'
import { transformBody } from '../faults/transform-body.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RecordedChunk, RecordedExchange } from '../options.ts'

/** Passes an answer on and records it. `onEnd` is called when the body has ended, complete or not. */
export function recordAnswer(
  { method }: Pick<Request, 'method'>,
  exchange: Exchange,
  response: Response,
  clock: Clock,
  onEnd: (exchange: RecordedExchange) => void,
): Response {
  const startedAt = clock.now()
  const chunks: RecordedChunk[] = []
  const finish = (): void =>
    onEnd({
      request: { method, url: toFalUrl(exchange), body: exchange.body },
      response: { status: response.status, headers: Object.fromEntries(response.headers), chunks },
    })
  if (!response.body) finish()
  return transformBody(response, async function* record(bodyChunks) {
    try {
      for await (const chunk of bodyChunks) {
        const base64 = Buffer.from(chunk).toString('base64')
        chunks.push({ atMs: clock.now() - startedAt, base64 })
        yield chunk
      }
    } finally {
      finish()
    }
  })
}

/** Finds the recorded answer to a request. */
export type Replay = (method: string, exchange: Exchange) => Response | undefined

/** Creates a replay. Several exchanges of the same request are played in their order; the last one is repeated. */
export function createReplay(recorded: readonly RecordedExchange[]): Replay {
  const played = new Set<RecordedExchange>()
  return (method, exchange) => {
    const url = toFalUrl(exchange)
    const fitting = recorded.filter(
      ({ request }) =>
        request.method === method && request.url === url && request.body === exchange.body,
    )
    const next = fitting.find((candidate) => !played.has(candidate)) ?? fitting.at(-1)
    if (!next) return undefined
    played.add(next)
    const chunks = next.response.chunks.map(({ base64 }) => Buffer.from(base64, 'base64'))
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = chunks.shift()
          if (chunk) controller.enqueue(new Uint8Array(chunk))
          else controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(next.response.chunks.length > 0 ? body : null, next.response)
  }
}

function toFalUrl({ address: { host, path, query } }: Exchange): string {
  const search = query.size > 0 ? `?${query}` : ''
  return `https://${host}${path}${search}`
}
