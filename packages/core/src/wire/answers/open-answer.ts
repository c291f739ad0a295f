import { readText } from '../http/http.ts'
import { parseSent, readAnswer } from './read-answer.ts'
import { isEventStream, maxEventBytes } from '../sse/sse.ts'
import type { TransportCall } from '../call.ts'

/** An answer that comes in events. */
export interface OpenAnswer {
  readonly response: Response
  readonly requestId: string | undefined
}

/**
 * Asks for an answer in events.
 *
 * @returns undefined when fal sent it in one piece; it has been said then.
 * @throws FalLlmError
 */
export async function openAnswer(
  call: TransportCall,
  path: string,
): Promise<OpenAnswer | undefined> {
  const { endpoint, http, watch, emit, input, model } = call
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
  if (isEventStream(response)) return { response, requestId }
  const text = await readText(response, watch, maxEventBytes)
  readAnswer(parseSent(text, endpoint.id, requestId), { endpoint, requestId, emit })
  return undefined
}
