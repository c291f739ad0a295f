import { readText } from './http.ts'
import { parseJson, readAnswer } from './read-answer.ts'
import { inBandError } from './response-error.ts'
import { createSnapshotLane } from './snapshot-lane.ts'
import { createSnapshotReader } from './snapshots.ts'
import { createPulse, createSseParser, maxEventBytes, readBytes } from './sse.ts'
import type { Reading } from './sse.ts'
import type { TransportCall } from './transport.ts'

/** `POST https://fal.run/{endpoint}/stream`: the answer as it is written. Source: fal-protocol §3, seeds 002 and 003. */
export async function falStream(call: TransportCall): Promise<void> {
  const { endpoint, http, watch, emit, input, model } = call
  const path = endpoint.id.endsWith('/stream') ? endpoint.id : `${endpoint.id}/stream`
  const response = await http.send(
    {
      url: `https://fal.run/${path}`,
      method: 'POST',
      body: JSON.stringify(input),
      headers: { accept: 'text/event-stream, application/json' },
      endpoint: endpoint.id,
    },
    watch,
  )
  const requestId = response.headers.get('x-fal-request-id') || undefined
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode: 'stream' })
  if (!response.headers.get('content-type')?.includes('text/event-stream')) {
    const text = await readText(response, watch, maxEventBytes)
    readAnswer(parseJson(text, endpoint.id, requestId), { endpoint, requestId, emit })
    return
  }
  const snapshots = createSnapshotReader(endpoint.id, requestId, emit)
  const pulse = createPulse(watch)
  const parser = createSseParser((message): Reading => {
    pulse()
    if (message.data === '[DONE]') return 'done'
    const event = parseJson(message.data, endpoint.id, requestId)
    if (message.event === 'error') throw inBandError(errorIn(event), endpoint.id, requestId)
    return snapshots.read(event)
  })
  const lane = createSnapshotLane(parser, {
    onGrowth(field, added) {
      pulse()
      snapshots.grow(field, added)
    },
    onRepeat: pulse,
  })
  await readBytes(response, watch, lane)
  snapshots.end()
}

function errorIn(event: unknown): unknown {
  if (typeof event !== 'object' || event === null) return event
  // Either family of bodies may be inside.
  const { error, detail } = event as { error?: unknown; detail?: unknown }
  return error ?? detail ?? event
}
