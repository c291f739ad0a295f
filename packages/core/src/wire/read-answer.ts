import type { Endpoint } from '../endpoints/endpoint.ts'
import { FalLlmError } from '../errors.ts'
import type { Emit } from '../events.ts'
import { createCompletionReader } from './completions.ts'
import { createSnapshotReader } from './snapshots.ts'

/** Which answer is being read, and who hears of it. */
export interface AnswerOrigin {
  readonly endpoint: Endpoint
  readonly requestId: string | undefined
  readonly emit: Emit
}

/**
 * Says an answer that came in one piece.
 *
 * @throws FalLlmError `provider` when it holds no answer, `interrupted` when it is not complete; an `error` inside it.
 */
export function readAnswer(answer: unknown, origin: AnswerOrigin): void {
  const { endpoint, requestId, emit } = origin
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new FalLlmError('provider', 'fal sent something that is no answer', {
      endpoint: endpoint.id,
      requestId,
    })
  }
  if (endpoint.kind === 'messages') {
    const completion = createCompletionReader(endpoint.id, requestId, emit)
    completion.readWhole(answer)
    completion.end()
    return
  }
  const snapshots = createSnapshotReader(endpoint.id, requestId, emit)
  // fal leaves `partial` out of most whole answers; the default the schema gives is false.
  snapshots.read({ partial: false, ...answer })
  snapshots.end()
}

/**
 * Reads JSON that a server sent.
 *
 * @throws FalLlmError `provider` when it is none; the text is not repeated.
 */
export function parseJson(text: string, endpoint: string, requestId: string | undefined): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FalLlmError('provider', 'fal sent something that is not JSON', {
      endpoint,
      requestId,
      retryable: true,
    })
  }
}
