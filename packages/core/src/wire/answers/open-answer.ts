// The opening that every answer over plain HTTP has in common: one POST, and the event that says it has begun.

import type { TransportCall } from '../call.ts'
import { readText } from '../http/http.ts'
import type { HttpCall } from '../http/http.ts'
import { isEventStream, maxEventBytes } from '../sse/sse.ts'
import { parseSent, readAnswer } from './read-answer.ts'

/** An answer whose head has come; its body is unread. */
export interface OpenAnswer {
  readonly response: Response
  readonly requestId: string | undefined
}

type Mode = 'stream' | 'run'

const heads: Readonly<Record<Mode, Pick<HttpCall, 'headers' | 'phase'>>> = {
  stream: { headers: { accept: 'text/event-stream, application/json' } },
  // A blocking run writes its whole answer before its head.
  run: { headers: { accept: 'application/json' }, phase: 'firstToken' },
}

/**
 * Posts the input and emits `start`.
 *
 * @param path Default: the endpoint's own.
 * @throws FalLlmError
 */
export async function openAnswer(
  { endpoint, http, deadline, emit, input, model }: TransportCall,
  mode: Mode,
  path: string = endpoint.id,
): Promise<OpenAnswer> {
  const url = `https://fal.run/${path}`
  const body = JSON.stringify(input)
  const response = await http.send(
    { url, method: 'POST', body, endpoint: endpoint.id, ...heads[mode] },
    deadline,
  )
  const requestId = response.headers.get('x-fal-request-id') || undefined
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode })
  return { response, requestId }
}

/**
 * Opens an answer that comes in events.
 *
 * @returns undefined when fal sent it in one piece; it has been emitted then.
 * @throws FalLlmError
 */
export async function openEvents(
  call: TransportCall,
  path?: string,
): Promise<OpenAnswer | undefined> {
  const answer = await openAnswer(call, 'stream', path)
  if (isEventStream(answer.response)) return answer
  const { endpoint, emit } = call
  readAnswer(await readJson(answer, call), { endpoint, requestId: answer.requestId, emit })
  return undefined
}

/**
 * Reads an answer that came in one piece.
 *
 * @throws FalLlmError `interrupted` when it breaks off, `provider` when it is no JSON.
 */
export async function readJson(
  { response, requestId }: OpenAnswer,
  { endpoint, deadline }: TransportCall,
): Promise<unknown> {
  return parseSent(await readText(response, deadline, maxEventBytes), endpoint.id, requestId)
}
