// Status and result of a job are asked with our own `http` and not through @fal-ai/client: one GET then costs one GET
// (no client made per call, no body read twice), each has limits of its own, and what a refused one says is read here
// beside its error, which would be lost on the way through two layers. Submit and storage stay with the client, which knows their steps.

import { FalLlmError, toFalLlmError } from '../../errors.ts'
import type { JobCall, Job } from './job.ts'
import { readText } from '../http/http.ts'
import { jobUrl } from './job.ts'
import { parseSent } from '../answers/read-answer.ts'
import { hasReason, isConclusive } from '../http/response-error.ts'
import type { RefusedBody } from '../http/response-error.ts'
import { maxEventBytes } from '../sse/sse.ts'
import { createDeadline } from '../../deadline.ts'

/** What one GET about a job came to. */
export type JobReply =
  | { readonly value: unknown; readonly refused?: undefined }
  | { readonly value?: undefined; readonly refused: JobRefusal }

/** An answer that was no 2xx. */
export interface JobRefusal {
  readonly error: FalLlmError
  /** It says why in words of fal's or the model's. */
  readonly hasReason: boolean
  /** It names a failure of the job, not one of this GET. */
  readonly isConclusive: boolean
}

/** How long one GET may take to begin, milliseconds. */
export const longestAskMs = 5_000

/**
 * Asks fal about a job, once: `''` for its result, `/status` for its status.
 *
 * @param bodyMs How long the body may take, milliseconds.
 * @throws FalLlmError where no answer came or it could not be read.
 */
export async function askJob(
  job: Job,
  path: string,
  call: JobCall,
  bodyMs: number = longestAskMs,
): Promise<JobReply> {
  const { http, deadline } = call
  const { endpoint, requestId } = job
  const connectMs = Math.min(longestAskMs, deadline.limits.connectMs)
  const own = createDeadline(deadline.clock, { connectMs, firstTokenMs: bodyMs }, deadline.signal)
  let said: RefusedBody | undefined
  try {
    const response = await http.send(
      {
        url: jobUrl(job, path),
        method: 'GET',
        headers: { accept: 'application/json' },
        endpoint: endpoint.id,
        once: true,
        onRefused: (refused) => (said = refused),
      },
      own,
    )
    const body = await readText(response, own, maxEventBytes)
    if (body.length >= maxEventBytes) throw tooLarge()
    return { value: parseSent(body, endpoint.id, requestId) }
  } catch (thrown) {
    if (said === undefined || deadline.signal.aborted) throw thrown
    const error = toFalLlmError(thrown)
    return { refused: { error, hasReason: hasReason(said), isConclusive: isConclusive(said) } }
  } finally {
    own.close()
  }
}

function tooLarge(): FalLlmError {
  return new FalLlmError('provider', `fal sent an answer of more than ${maxEventBytes} bytes`)
}
