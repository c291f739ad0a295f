import type { EventSourceMessage } from 'eventsource-parser'
import type { Endpoint } from '../../endpoints/endpoint.ts'
import { FalLlmError } from '../../errors.ts'
import type { Emit } from '../../events.ts'
import { createCompletionReader } from './completions.ts'
import { inBandError } from '../http/response-error.ts'
import { createSnapshotReader } from './snapshots.ts'
import { fieldsOf } from '../../json.ts'
import { parseJson } from '../../parse-json.ts'

/** Which answer is being read, and who hears of it. */
export interface AnswerOrigin {
  readonly endpoint: Endpoint
  readonly requestId: string | undefined
  readonly emit: Emit
  /** What the job's status said went wrong: it is the error of an answer without words. */
  readonly failure?: unknown
}

/**
 * Says an answer that came in one piece.
 *
 * @throws FalLlmError `provider` when it holds no answer, `interrupted` when it is not complete; an `error` inside it.
 */
export function readAnswer(answer: unknown, origin: AnswerOrigin): void {
  const { endpoint, requestId, emit, failure } = origin
  const createReader = endpoint.kind === 'messages' ? createCompletionReader : createSnapshotReader
  const reader = createReader(endpoint.id, requestId, emit, failure)
  reader.readWhole(answer)
  reader.end()
}

/**
 * Reads what one event of an answer says.
 *
 * @throws FalLlmError `provider` when it is not JSON; the error that an event named `error` holds.
 */
export function parseEvent(
  message: EventSourceMessage,
  endpoint: string,
  requestId: string | undefined,
): unknown {
  const event = parseSent(message.data, endpoint, requestId)
  if (message.event === 'error') throw inBandError(errorIn(event), endpoint, requestId)
  return event
}

function errorIn(event: unknown): unknown {
  // Either family of bodies may be inside.
  const { error, detail } = fieldsOf(event)
  return error ?? detail ?? event
}

/**
 * Reads JSON that fal sent.
 *
 * @throws FalLlmError `provider` when it is none; the text is not repeated.
 */
export function parseSent(text: string, endpoint: string, requestId: string | undefined): unknown {
  const value = parseJson(text)
  if (value !== undefined) return value
  throw new FalLlmError('provider', 'fal sent something that is not JSON', {
    endpoint,
    requestId,
    retryable: true,
  })
}
